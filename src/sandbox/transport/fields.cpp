#include "sandbox/transport/fields.hpp"

#include "sandbox/transport/api_error.hpp"

namespace balcao::sandbox {
namespace {

constexpr std::size_t most_keys = 50;
constexpr std::size_t longest_key = 40;
constexpr std::size_t longest_value = 500;

std::string const path_of_metadata = "metadata";

}  // namespace

json::Value read_address(Parameters address) {
  json::Object read;
  for (auto const* field : {"city", "country", "line1", "line2", "postal_code", "state"}) {
    read[field] = address.text(field).value_or(nullptr);
  }
  address.refuse_unknown();
  return read;
}

void apply_metadata(Parameters& parameters, json::Object& resource) {
  auto& metadata = resource["metadata"].as_object();
  if (parameters.take_unset(path_of_metadata)) {
    metadata.clear();
    return;
  }
  auto sent = parameters.object(path_of_metadata);
  if (!sent) return;
  for (auto const& key : sent->names()) {
    if (characters_in(key) > longest_key) {
      throw ApiError::invalid("Metadata keys can have up to 40 characters.", path_of_metadata);
    }
    auto const value = sent->text(key, longest_value);
    if (value->is_null()) {
      metadata.erase(key);
    } else {
      metadata[key] = *value;
    }
  }
  if (metadata.size() > most_keys) throw ApiError::invalid("Metadata can have up to 50 keys.", path_of_metadata);
}

void apply_email(Parameters& parameters, json::Object& resource, std::string_view name) {
  auto const email = parameters.text(name, 512);
  if (!email) return;
  if (email->is_string()) {
    std::string_view const address = email->get_string();
    auto const at = address.find('@');
    bool const fits = at != address.npos && at > 0 && at + 1 < address.size() &&
                      address.find('@', at + 1) == address.npos && address.find_first_of(" \t\r\n") == address.npos;
    if (!fits) throw ApiError::invalid("Invalid email address", parameters.full_name(name), "email_invalid");
  }
  resource[name] = *email;
}

void apply_shipping(Parameters& parameters, json::Object& resource, Parcel parcel) {
  if (parameters.take_unset("shipping")) {
    resource["shipping"] = nullptr;
    return;
  }
  auto shipping = parameters.object("shipping");
  if (!shipping) return;
  auto const name = shipping->required_text("name");
  auto address = shipping->object("address");
  if (!address) {
    throw ApiError::invalid("Missing required param: shipping[address].", "shipping[address]", "parameter_missing");
  }
  json::Object read{{"address", read_address(std::move(*address))},
                    {"name", name},
                    {"phone", shipping->text("phone").value_or(nullptr)}};
  if (parcel == Parcel::tracked) {
    for (auto const* field : {"carrier", "tracking_number"}) read[field] = shipping->text(field).value_or(nullptr);
  }
  shipping->refuse_unknown();
  resource["shipping"] = std::move(read);
}

}  // namespace balcao::sandbox
