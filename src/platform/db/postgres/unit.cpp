#include "platform/db/postgres/unit.hpp"

#include <boost/asio/post.hpp>

namespace balcao::db::postgres {

void resume(boost::asio::io_context& loop, std::unique_ptr<Unit> unit) {
  if (unit->resume) boost::asio::post(loop, std::move(unit->resume));
}

void fail(boost::asio::io_context& loop, std::unique_ptr<Unit> unit, std::exception_ptr error) {
  if (unit->outcome != nullptr) unit->outcome->error = std::move(error);
  resume(loop, std::move(unit));
}

}  // namespace balcao::db::postgres
