#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>

#include "platform/db/postgres/pipeline.hpp"

namespace balcao::db::postgres {

/// What becomes of a unit that was answered: its caller is resumed, or it is given back because it is to be sent once
/// more.
std::unique_ptr<Unit> settle(boost::asio::io_context& loop, Pipeline::Answer answer);

/// The same for one whose connection was lost before the answer.
std::unique_ptr<Unit> settle_lost(boost::asio::io_context& loop, Pipeline::Answer answer);

}  // namespace balcao::db::postgres
