#include "products/transfer/row.hpp"

#include <algorithm>
#include <array>

#include "platform/csv/cell.hpp"
#include "platform/csv/reader.hpp"
#include "platform/json/describe.hpp"
#include "platform/json/parse.hpp"

namespace balcao::products {

BOOST_DESCRIBE_STRUCT(Row, (), (id, name, price, currency, description, stock, image_url, active))

namespace {

constexpr std::array<std::string_view, 8> columns{"id",          "name",  "price",     "currency",
                                                  "description", "stock", "image_url", "active"};

std::expected<Row, Problem> decode(json::Value const& document, json::Notation notation) {
  json::Decoder decoder(notation);
  auto row = json::Codec<Row>::decode(document, json::Path(), decoder);
  if (row && !row->id) {
    if (!row->name) decoder.missing(json::Path() / std::string_view("name"));
    if (!row->price) decoder.missing(json::Path() / std::string_view("price"));
  }
  if (decoder.count() > 0) {
    return std::unexpected(Problem(problems::invalid_fields).with_faults(std::move(decoder.faults())));
  }
  return *std::move(row);
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r") == text.npos; }

class NdjsonSource final : public RowSource {
 public:
  void feed(std::string_view bytes) override {
    bytes_.erase(0, std::exchange(position_, 0));
    bytes_ += bytes;
  }
  void end() override { ended_ = true; }
  bool has_begun() override { return true; }

  std::optional<Line> next() override {
    for (;;) {
      auto const rest = std::string_view(bytes_).substr(position_);
      auto const end = rest.find('\n', scanned_);
      if (end == rest.npos && !ended_) {
        scanned_ = rest.size();
        if (rest.size() > longest_row) pass_over(rest.size());
        return std::nullopt;
      }
      bool const is_last = end == rest.npos;
      if (is_last && rest.empty() && !is_too_long_) return std::nullopt;
      auto text = rest.substr(0, end);
      position_ += is_last ? rest.size() : end + 1;
      scanned_ = 0;
      auto const number = ++line_;
      if (number == 1 && text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
      if (std::exchange(is_too_long_, false) || text.size() > longest_row) return Line{number, too_long()};
      if (!is_blank(text)) return Line{number, parse(text)};
    }
  }

 private:
  /// Of a line that is too long, all that is kept is that it is so.
  void pass_over(std::size_t size) {
    is_too_long_ = true;
    position_ += size;
    scanned_ = 0;
  }

  static std::unexpected<Problem> too_long() {
    auto const limit = std::to_string(longest_row);
    return std::unexpected(Problem(problems::payload_too_large, {"The line is longer than " + limit + " bytes.",
                                                                 "A linha passa de " + limit + " bytes."}));
  }

  static std::expected<Row, Problem> parse(std::string_view text) {
    auto const document = json::parse(text);
    if (document) return decode(*document, json::Notation::json);
    auto const& fault = document.error();
    if (fault.kind == json::ParseFault::Kind::duplicate_member) {
      return std::unexpected(Problem(problems::duplicate_member, fault.reason));
    }
    auto const at = " (byte " + std::to_string(fault.offset) + ')';
    return std::unexpected(Problem(problems::invalid_json, {fault.reason.en + at, fault.reason.pt + at}));
  }

  std::string bytes_;
  std::size_t position_ = 0;  ///< bytes of `bytes_` that have been taken
  std::size_t scanned_ = 0;   ///< from there on, without a line's end
  std::uint64_t line_ = 0;
  bool is_too_long_ = false;
  bool ended_ = false;
};

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return lower;
}

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// A spreadsheet writes a truth value in its own way, and in its user's language.
std::string_view truth(std::string_view cell) {
  auto const word = lower_case(cell);
  if (word == "true" || word == "verdadeiro" || word == "1") return "true";
  if (word == "false" || word == "falso" || word == "0") return "false";
  return cell;
}

class CsvSource final : public RowSource {
 public:
  void feed(std::string_view bytes) override { reader_.feed(bytes); }
  void end() override {
    reader_.end();
    ended_ = true;
  }

  bool has_begun() override {
    if (has_header_) return true;
    auto const separator = reader_.guess_separator();
    if (!separator) return false;
    reader_.separate_by(*separator);
    auto const header = reader_.next();
    if (!header && !ended_) return false;
    read_header(header);
    return has_header_ = true;
  }

  std::optional<Line> next() override {
    if (!has_begun()) return std::nullopt;
    auto record = reader_.next();
    if (!record) return std::nullopt;
    return Line{record->line, row(*record)};
  }

 private:
  [[noreturn]] static void refuse(std::vector<FieldFault> faults) {
    throw Problem(problems::invalid_fields,
                  {"The first line must name the columns.", "A primeira linha deve dar nome às colunas."})
        .with_faults(std::move(faults));
  }

  void read_header(std::optional<csv::Record> const& header) {
    if (!header || header->fault) {
      refuse({{"", header ? *header->fault : Text{"There is no line.", "Não há linha alguma."}}});
    }
    std::vector<FieldFault> faults;
    for (auto const& cell : header->cells) {
      auto const name = lower_case(trim(cell));
      if (std::ranges::find(columns, name) == columns.end()) {
        faults.push_back({'/' + name, {"There is no such column.", "Não existe esta coluna."}});
      } else if (std::ranges::find(columns_, name) != columns_.end()) {
        faults.push_back({'/' + name, {"The column is there twice.", "A coluna aparece duas vezes."}});
      }
      columns_.push_back(name);
    }
    bool const makes_new = std::ranges::find(columns_, "id") == columns_.end();
    for (std::string_view const needed : {"name", "price"}) {
      if (makes_new && std::ranges::find(columns_, needed) == columns_.end()) {
        faults.push_back({'/' + std::string(needed), {"The column is missing.", "Falta a coluna."}});
      }
    }
    if (!faults.empty()) refuse(std::move(faults));
  }

  std::expected<Row, Problem> row(csv::Record const& record) const {
    if (record.fault) return std::unexpected(Problem(problems::invalid_fields).with_faults({{"", *record.fault}}));
    if (record.cells.size() != columns_.size()) {
      auto const wanted = std::to_string(columns_.size());
      auto const found = std::to_string(record.cells.size());
      return std::unexpected(
          Problem(problems::invalid_fields)
              .with_faults({{"",
                             {"It has " + found + " cells where the first line has " + wanted + '.',
                              "Tem " + found + " células, e a primeira linha tem " + wanted + '.'}}}));
    }
    json::Object document;
    document.reserve(columns_.size());
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (record.cells[i].empty()) continue;  // left out
      auto const text = csv::plain_text(record.cells[i]);
      document.emplace(columns_[i], columns_[i] == "active" ? truth(text) : text);
    }
    return decode(document, json::Notation::text);
  }

  csv::Reader reader_{longest_row};
  std::vector<std::string> columns_;
  bool has_header_ = false;
  bool ended_ = false;
};

void append_json(Product const& product, std::string& out) {
  auto const member = [&out](std::string_view name, auto const& value) {
    out += name;
    json::Codec<std::remove_cvref_t<decltype(value)>>::encode(value, out);
  };
  member("{\"id\":", product.id);
  member(",\"name\":", product.name);
  member(",\"price\":", product.price);
  member(",\"currency\":", product.currency);
  member(",\"description\":", product.description);
  member(",\"stock\":", product.stock);
  member(",\"image_url\":", product.image_url);
  member(",\"active\":", product.active);
  out += "}\n";
}

void append_record(Product const& product, std::string& out) {
  out += product.id.str();
  out += ',';
  csv::append_cell(product.name, out);
  out += ',';
  out += std::to_string(product.price);
  out += ',';
  out += product.currency;
  out += ',';
  csv::append_cell(product.description, out);
  out += ',';
  if (product.stock) out += std::to_string(*product.stock);
  out += ',';
  if (product.image_url) csv::append_cell(*product.image_url, out);
  out += product.active ? ",true\r\n" : ",false\r\n";
}

}  // namespace

std::unique_ptr<RowSource> RowSource::of(Format format) {
  if (format == Format::csv) return std::make_unique<CsvSource>();
  return std::make_unique<NdjsonSource>();
}

void append_head(Format format, std::string& out) {
  if (format != Format::csv) return;
  for (bool first = true; auto const column : columns) {
    if (!std::exchange(first, false)) out += ',';
    out += column;
  }
  out += "\r\n";
}

void append_row(Format format, Product const& product, std::string& out) {
  format == Format::csv ? append_record(product, out) : append_json(product, out);
}

}  // namespace balcao::products
