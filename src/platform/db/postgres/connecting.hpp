#pragma once

#include <libpq-fe.h>

#include <boost/asio/posix/descriptor_base.hpp>
#include <chrono>
#include <memory>

#include "platform/db/database.hpp"
#include "platform/db/postgres/address.hpp"
#include "platform/db/postgres/unit.hpp"
#include "platform/network/resolver.hpp"

namespace balcao::db::postgres {

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Handle = std::unique_ptr<PGconn, Finish>;

/// No server was found that can be used; says why, for the operator, host by host.
class CannotConnect : public Error {
 public:
  using Error::Error;
};

/// Connects to the first host that can be used; `timeout` is for the look-up of its name, and for each of its
/// addresses. Never blocks the loop. Throws CannotConnect.
Task<Handle> connect(Address const& address, std::chrono::milliseconds timeout,
                     network::Resolver& resolver = network::resolver_for(network::Purpose::database));

/// Waits for the socket of a connection that nobody else uses; false where the deadline came first.
Task<bool> wait_for(PGconn* connection, boost::asio::posix::descriptor_base::wait_type what, Deadline deadline);

}  // namespace balcao::db::postgres
