#pragma once

#include <string_view>

namespace balcao::sandbox {

/// The version of the API that is spoken to who names none, and in which events are told.
inline constexpr std::string_view default_version = "2026-10-28.endive";

}  // namespace balcao::sandbox
