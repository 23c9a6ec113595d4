#include "app/services.hpp"

#include <algorithm>
#include <iterator>

namespace balcao::app {

Services::Services(Ground ground, Others others, Selection selection, auth::Settings settings, auth::KeySettings keys)
    : service_tokens_(others.service_key, ground.clock), verifier_(settings.audience) {
  if (selection.payments) {
    // Each of the two needs the other: Payments looks for Products when it has something to say.
    if (!selection.products) {
      remote_products_ = contracts::remote_products(others.products_url.value(), service_tokens_);
    }
    payments_ = std::make_unique<payments::Service>(
        *ground.payments, *ground.gateway, ground.clock, ground.payment_settings, [this]() -> contracts::Products& {
          return products_ ? static_cast<contracts::Products&>(*products_) : *remote_products_;
        });
  } else if (selection.auth || selection.products) {
    remote_payments_ = contracts::remote_payments(others.payments_url.value(), service_tokens_);
  }
  auto const payments = [this]() -> contracts::Payments& {
    return payments_ ? static_cast<contracts::Payments&>(*payments_) : *remote_payments_;
  };
  if (selection.auth) {
    auth_ = std::make_unique<auth::Service>(
        auth::Ground{*ground.auth, ground.shared, ground.workers, ground.clock, revocations_, payments()},
        std::move(settings), std::move(keys));
  } else {
    remote_auth_ = contracts::remote_auth(others.auth_url.value(), service_tokens_);
    auto const& secret = keys.jwt_secret;
    keys_ = std::make_unique<access::KeyFeed>(*remote_auth_, verifier_,
                                              secret ? std::optional(jwt::Key::hs256(*secret)) : std::nullopt);
  }
  if (selection.products) {
    products_ = std::make_unique<products::Service>(products::Ground{*ground.products, ground.shared, ground.clock,
                                                                     ground.loops, payments(), ground.order_settings});
  }
  auto& auth = auth_ ? static_cast<contracts::Auth&>(*auth_) : *remote_auth_;
  feed_ = std::make_unique<access::RevocationFeed>(auth, ground.shared, revocations_, ground.clock, keys_.get());
  guard_ = std::make_unique<access::Guard>(access::Guard::Ground{auth_ ? auth_->keys().verifier() : verifier_,
                                                                 service_tokens_, revocations_, *feed_, auth,
                                                                 ground.clock, ground.loops});
}

Task<> Services::load() {
  if (auth_) co_await auth_->load();
  if (keys_) co_await keys_->load();
  co_await feed_->load();
}

http::Endpoints Services::endpoints() {
  http::Endpoints all;
  auto const add = [&all](http::Endpoints some) { std::ranges::move(some, std::back_inserter(all)); };
  if (auth_) add(auth_->endpoints());
  if (payments_) add(payments_->endpoints());
  if (products_) add(products_->endpoints());
  return all;
}

std::vector<Task<>> Services::background() {
  std::vector<Task<>> tasks;
  tasks.push_back(feed_->follow());
  if (auth_) tasks.push_back(auth_->jobs().run());
  if (auth_) tasks.push_back(auth_->tidy());
  if (auth_) tasks.push_back(auth_->purge());
  if (auth_) tasks.push_back(auth_->keys().follow());
  if (keys_) tasks.push_back(keys_->follow());
  if (payments_) std::ranges::move(payments_->background(), std::back_inserter(tasks));
  if (products_) std::ranges::move(products_->background(), std::back_inserter(tasks));
  return tasks;
}

Task<std::vector<jobs::SetAside>> Services::set_aside() {
  std::vector<jobs::SetAside> all;
  if (auth_) all.push_back({"auth job", co_await auth_->jobs().count_set_aside()});
  if (payments_) std::ranges::move(co_await payments_->set_aside(), std::back_inserter(all));
  if (products_) std::ranges::move(co_await products_->set_aside(), std::back_inserter(all));
  co_return all;
}

void Services::stop() {
  feed_->stop();
  if (keys_) keys_->stop();
  if (auth_) auth_->jobs().stop();
  if (auth_) auth_->stop();
  if (payments_) payments_->stop();
  if (products_) products_->stop();
}

}  // namespace balcao::app
