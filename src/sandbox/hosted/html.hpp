#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "platform/http/message.hpp"

namespace balcao::sandbox::hosted {

/// `R$ 1.234,56` or `R$ 1,234.56`: an amount in the currency's minor unit, as the language writes it.
std::string money(std::int64_t amount, std::string_view currency, Language language);

/// A whole page; `content` is HTML, the title is text. Its forms lead to this server, from which they may be sent on to
/// the origins of `targets` alone (Content Security Policy, `form-action`).
http::Response page(int status, Language language, Text const& title, std::string_view content,
                    std::initializer_list<std::string_view> targets = {});

/// 303: the browser asks for `location` by GET.
http::Response see_other(std::string location);

}  // namespace balcao::sandbox::hosted
