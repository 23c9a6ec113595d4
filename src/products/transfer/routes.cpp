#include "products/routes.hpp"

#include <array>

#include "access/scopes.hpp"
#include "platform/http/streaming.hpp"
#include "platform/json/describe.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::products {
namespace {

using http::Access;
using http::Caller;
using http::Method;

constexpr http::Name ndjson = "application/x-ndjson";
constexpr http::Name csv = "text/csv";

using ImportBody = http::BodyStream<ndjson, "application/jsonl", csv>;
using Results = http::Streamed<ndjson>;
using File = http::Streamed<ndjson, csv>;

/// One import, from its first piece to its last line.
struct Reception {
  Transfer& transfer;
  Transfer::Place place;
  Actor actor;
  Language language;
  http::BodyReader& body;
  std::unique_ptr<RowSource> source;
  bool has_ended = false;
  Transfer::Progress progress{};

  /// Hands the next piece of the body on.
  Task<> read() {
    auto const begun = std::chrono::steady_clock::now();
    auto const piece = co_await body.read();
    progress.note(std::chrono::steady_clock::now() - begun, piece.size());
    if (piece.empty()) {
      has_ended = true;
      source->end();
    } else {
      source->feed(piece);
    }
  }
};

Task<> report(Reception const& reception, http::BodyWriter& writer, std::vector<Outcome> const& outcomes) {
  std::string lines;
  for (auto const& outcome : outcomes) append_json(outcome, reception.language, lines);
  co_await writer.enqueue(lines);
}

Task<> take_all(Reception& reception, Import& import) {
  co_await import.take();
  while (!reception.has_ended) {
    co_await reception.read();
    co_await import.take();
  }
  co_await import.finish();
}

/// The answer's body. What ends the import early is told at its end: what stands before is stored.
Task<> receive(std::shared_ptr<Reception> reception, http::BodyWriter& writer) {
  Import import(reception->transfer.ground(), reception->actor, *reception->source,
                [&](std::vector<Outcome> const& outcomes) { return report(*reception, writer, outcomes); });
  std::optional<Problem> problem;
  std::exception_ptr gone;
  try {
    co_await take_all(*reception, import);
  } catch (http::ClientGone const&) {
    gone = std::current_exception();
  } catch (Problem const& found) {
    problem = found;
  } catch (std::exception const& error) {
    log::error("an import failed", {{"cause", error.what()}});
    problem = Problem(problems::internal);
  }
  co_await import.settle();
  if (gone) std::rethrow_exception(gone);

  auto summary = "{\"imported\":" + std::to_string(import.counts().imported) +
                 ",\"failed\":" + std::to_string(import.counts().failed);
  if (problem) {
    summary += ",\"error\":";
    append_json(*problem, reception->language, summary);
  }
  co_await writer.enqueue(summary + "}\n");
}

Task<Results> import_products(Transfer& transfer, Caller caller, http::Asker asker, ImportBody body) {
  Problem const empty(problems::bad_request, {"The body is empty.", "O corpo está vazio."});
  if (!body.reader) throw Problem(empty);
  auto const format = body.media_type == csv.view() ? Format::csv : Format::ndjson;
  auto const reception =
      std::make_shared<Reception>(Reception{transfer, transfer.take_place(Id<Owner>{caller.user}), actor(caller),
                                            asker.language, *body.reader, RowSource::of(format)});
  co_await reception->read();
  if (reception->has_ended) throw Problem(empty);
  while (!reception->source->has_begun()) co_await reception->read();
  co_return Results{std::string(ndjson.view()),
                    [reception](http::BodyWriter& writer) { return receive(reception, writer); }};
}

constexpr std::array<std::string_view, 2> formats{to_string(Format::ndjson), to_string(Format::csv)};
using FormatName = Choice<formats>;

struct ExportQuery {
  std::optional<FormatName> format;
  std::optional<Id<Owner>> owner;
};
BOOST_DESCRIBE_STRUCT(ExportQuery, (), (format, owner))

/// Whose products the caller gets; nothing: everybody's.
std::optional<Id<Owner>> owner_for(Actor const& actor, std::optional<Id<Owner>> asked) {
  if (actor.administrator) return asked;
  if (asked && *asked != actor.id) {
    throw Problem(problems::forbidden, {"Only an administrator exports what is another's.",
                                        "Só um administrador exporta o que é de outro."});
  }
  return actor.id;
}

Task<> send(std::shared_ptr<Export> file, std::string first, http::BodyWriter& writer) {
  co_await writer.write(first);
  while (auto const piece = co_await file->next()) co_await writer.write(*piece);
}

Task<File> export_products(Transfer& transfer, Caller caller, http::Header<"Accept"> accept,
                           http::Query<ExportQuery> query) {
  auto const accepted = accept.value.value_or("").contains(csv.view()) ? Format::csv : Format::ndjson;
  auto const format = query.value.format ? static_cast<Format>(query.value.format->index()) : accepted;
  auto const file = std::make_shared<Export>(transfer.store(), owner_for(actor(caller), query.value.owner), format);
  auto first = co_await file->next();
  co_return File{std::string(format == Format::csv ? csv.view() : ndjson.view()),
                 [file, first = *std::move(first)](http::BodyWriter& writer) { return send(file, first, writer); },
                 "products." + std::string(to_string(format))};
}

}  // namespace

http::Endpoints transfer_endpoints(Transfer& transfer) {
  auto const tag = "Products";
  auto const writer = Access::user.with_scope(access::scopes::products_write);
  return {
      http::endpoint(
          Method::post, "/products/import", writer,
          {tag,
           "importProducts",
           "Make and change products by a file of any length; the answer tells of each row, while it comes in",
           {&problems::bad_request, &problems::unsupported_media_type, &problems::invalid_fields,
            &import_problems::too_many_imports, &import_problems::import_too_slow}},
          transfer, import_products),
      http::endpoint(Method::get, "/products/export", writer,
                     {tag,
                      "exportProducts",
                      "The caller's products as a file; an administrator gets everybody's",
                      {&problems::forbidden}},
                     transfer, export_products),
  };
}

}  // namespace balcao::products
