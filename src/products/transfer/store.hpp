#pragma once

#include <optional>
#include <vector>

#include "platform/db/database.hpp"
#include "products/transfer/row.hpp"

namespace balcao::products {

/// A change of a product that there is.
struct Change {
  Id<Product> id;
  Row row;
};

/// What imports and exports ask of the database, and all of their SQL. Fails as db::Database does.
class TransferStore {
 public:
  explicit TransferStore(db::Database& database) : database_(database) {}

  /// Rows of a file that are stored together.
  struct Batch {
    std::vector<Product> fresh;
    std::vector<Change> changes;  ///< each of another product
    Actor actor;                  ///< whose products may be changed
    Time now;
    std::optional<Uuid> mark;  ///< left for other processes, which `last_mark` tells that there were changes
  };

  /// All or nothing; the same once more changes nothing but versions. Gives of each change whether the product is there
  /// and the actor's to change.
  Task<std::vector<bool>> store(Batch batch);

  /// At most `limit` products, active or not, of one owner or of all, in the order of their ids.
  Task<std::vector<Product>> page(std::optional<Id<Owner>> owner, std::optional<Id<Product>> after, std::size_t limit);

  /// Differs from what it was if a batch with a mark has been stored meanwhile.
  Task<std::string> last_mark();
  /// Removes marks of imports from before this time: who looks has seen them.
  Task<> forget_marks(Time before);

 private:
  db::Database& database_;
};

}  // namespace balcao::products
