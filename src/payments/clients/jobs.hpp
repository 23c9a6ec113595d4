#pragma once

#include <chrono>
#include <string_view>

namespace balcao::payments {

/// The kinds of jobs, each with a client's id as its key but for the second, which has a change's.
inline constexpr std::string_view create_customer_job = "create_customer";
inline constexpr std::string_view update_customer_job = "update_customer";
inline constexpr std::string_view forget_customer_job = "forget_customer";

/// How long the request itself has to get the answer before the job asks too; the key makes both ask the same thing.
inline constexpr std::chrono::seconds head_start{60};

}  // namespace balcao::payments
