#pragma once

#include <string>
#include <string_view>

namespace balcao::sandbox {

/// A new id as the gateway makes them: the kind's prefix (`cus_`, `req_`) and 14 random letters and digits.
std::string new_object_id(std::string_view prefix);

/// `count` random characters out of `alphabet`.
std::string random_text(std::size_t count, std::string_view alphabet);

}  // namespace balcao::sandbox
