#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "products/catalog/model.hpp"

namespace balcao::products {

/// How a file of products is written: a JSON object a line, or CSV (RFC 4180) with a line that names the columns.
enum class Format { ndjson, csv };

/// The format's name, `ndjson` or `csv`, which is how its files' names end.
constexpr std::string_view to_string(Format format) { return format == Format::csv ? "csv" : "ndjson"; }

/// One product in a file. With an `id` it changes that product, and what it leaves out stays; without one it is a new
/// product, whose `name` and `price` are there.
struct Row {
  std::optional<Id<Product>> id;
  std::optional<Name> name;
  std::optional<Price> price;
  std::optional<Currency> currency;
  std::optional<Description> description;
  std::optional<Stock> stock;
  std::optional<WebAddress> image_url;
  std::optional<bool> active;
};

/// In bytes, as it stands in the file.
inline constexpr std::size_t longest_row = 128 * 1024;

/// What a line of a file holds; where a row takes several, the first of them is meant.
struct Line {
  std::uint64_t number;
  std::expected<Row, Problem> row;
};

/// Reads the rows out of a file whose bytes come in pieces: no I/O, bounded memory. Empty lines are passed over.
class RowSource {
 public:
  static std::unique_ptr<RowSource> of(Format format);
  virtual ~RowSource() = default;

  virtual void feed(std::string_view bytes) = 0;
  virtual void end() = 0;
  /// Whether what must stand before the first row has been read. Throws Problem invalid_fields where no row of the file
  /// can be right, since its columns are not.
  virtual bool has_begun() = 0;
  /// Nothing where more bytes are needed, or at the end. Throws as `has_begun` does.
  virtual std::optional<Line> next() = 0;
};

/// Writes the line that a file of this format begins with; none for some.
void append_head(Format format, std::string& out);
/// Writes a product so that it can be read again as a Row.
void append_row(Format format, Product const& product, std::string& out);

}  // namespace balcao::products
