#pragma once

#include <optional>
#include <string>

#include "platform/http/message.hpp"
#include "sandbox/objects/object.hpp"

/// What the pages show. They hold no card number's field and no script: every button is a form.
namespace balcao::sandbox::hosted {

using objects::Object;

/// The languages that a session names before those of the browser.
Language language_of(http::Request const& request, std::optional<Object> const& session);

/// The page of an open session: what is sold, and the ways to pay; why the last one failed, if it did.
http::Response checkout_page(Object const& session, json::Array const& items, std::optional<Object> const& intent,
                             Language language);

/// The page of a session that is over.
http::Response finished_page(Object const& session, Language language);

/// What the customer has to do for an intent: agree with the bank, scan a Pix, pay a boleto; what has become of it
/// where there is nothing to do. `back` is where he goes then; may be empty.
http::Response pay_page(Object const& intent, std::string const& back, Language language);

http::Response missing_page(Language language);

}  // namespace balcao::sandbox::hosted
