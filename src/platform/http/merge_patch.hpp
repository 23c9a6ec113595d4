#pragma once

#include "platform/http/extract.hpp"
#include "platform/json/merge_patch.hpp"

namespace balcao::http {

/// The body of a PATCH (RFC 5789) as a JSON Merge Patch (RFC 7396): `application/merge-patch+json`, or plain JSON.
template <class T>
struct MergePatch {
  T value;
};

template <class T>
struct Extract<MergePatch<T>> {
  static std::optional<MergePatch<T>> take(Exchange& exchange) {
    auto const document = read_merge_patch(exchange);
    if (!document || !exchange.passes_screen(*document)) return std::nullopt;
    json::Decoder decoder;
    auto value = json::Codec<T>::decode(*document, json::Path(), decoder);
    std::ranges::move(decoder.faults(), std::back_inserter(exchange.faults));
    return value ? std::optional<MergePatch<T>>(MergePatch<T>{std::move(*value)}) : std::nullopt;
  }
  static void document(Operation& operation) {
    document_merge_patch(operation, json::Codec<T>::schema(operation.schemas));
  }
};

}  // namespace balcao::http
