#include "products/catalog/cursor.hpp"

#include <array>
#include <charconv>

#include "platform/crypto/hash.hpp"
#include "platform/json/parse.hpp"

namespace balcao::products {
namespace {

constexpr std::array<std::pair<std::string_view, Order>, 6> order_names{{{"-created_at", Order::newest},
                                                                         {"created_at", Order::oldest},
                                                                         {"price", Order::cheapest},
                                                                         {"-price", Order::dearest},
                                                                         {"name", Order::name_up},
                                                                         {"-name", Order::name_down}}};

constexpr char mark_of(Order order) { return static_cast<char>('a' + static_cast<int>(order)); }

}  // namespace

std::optional<Order> parse_order(std::string_view text) {
  for (auto const& [name, order] : order_names) {
    if (name == text) return order;
  }
  return std::nullopt;
}

std::string to_cursor(Position const& position, Order order) {
  std::string text(1, mark_of(order));
  text += position.id.str();
  if (auto const* price = std::get_if<std::int64_t>(&position.key)) text += std::to_string(*price);
  if (auto const* name = std::get_if<std::string>(&position.key)) text += *name;
  return crypto::to_base64url(text);
}

std::optional<Position> parse_cursor(std::string_view cursor, Order order) {
  constexpr std::size_t id_size = 36;
  auto const text = crypto::from_base64url(cursor);
  if (!text || text->size() < 1 + id_size || text->front() != mark_of(order)) return std::nullopt;
  auto const id = Id<Product>::parse(std::string_view(*text).substr(1, id_size));
  if (!id) return std::nullopt;
  auto const key = std::string_view(*text).substr(1 + id_size);

  if (order == Order::cheapest || order == Order::dearest) {
    std::int64_t price = 0;
    auto const [end, fault] = std::from_chars(key.data(), key.data() + key.size(), price);
    if (fault != std::errc{} || end != key.data() + key.size()) return std::nullopt;
    return Position{price, *id};
  }
  if (order == Order::name_up || order == Order::name_down) {
    // A name is text like any other that comes in, so it is held to the same rule.
    auto name = Name::parse(key);
    return name && json::is_utf8(key) ? std::optional(Position{name->str(), *id}) : std::nullopt;
  }
  return key.empty() ? std::optional(Position{{}, *id}) : std::nullopt;
}

}  // namespace balcao::products
