#pragma once

#include "sandbox/transport/parameters.hpp"

namespace balcao::sandbox::disputes {

/// Every kind of evidence, none of it given.
json::Object blank_evidence();

/// Takes `evidence`; gives whether there was any.
bool apply_evidence(Parameters& parameters, json::Object& evidence);

}  // namespace balcao::sandbox::disputes
