#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "platform/db/database.hpp"

namespace balcao::db::sqlite {

struct Options {
  std::filesystem::path file;      ///< created, mode 0600, if it is not there
  std::string schema;              ///< attached under this name, so that `auth.users` reads as on PostgreSQL
  std::size_t readers = 2;         ///< threads that read beside the writer
  std::size_t queue_limit = 4096;  ///< waiting calls beyond which one is refused with 503
  std::chrono::milliseconds deadline{5000};
};

/// Opens the file and starts its threads: one writer, which commits the writes that wait together in one transaction
/// (each atomic by itself, `synchronous=FULL`, WAL), and the readers. Throws db::Error where the file cannot be used,
/// with a message for the operator. The event loops that call it must outlive it.
std::unique_ptr<Database> open(Options options);

}  // namespace balcao::db::sqlite
