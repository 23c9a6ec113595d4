#pragma once

#include "sandbox/objects/changes.hpp"

namespace balcao::sandbox::disputes {

using objects::Changes;
using objects::Object;

/// The customer disputes a captured charge: the money is taken back until it is settled.
void open(Object& charge, Changes& changes, Time now);
/// It is settled; if it is won the money comes back.
void settle(Object& dispute, bool won, Changes& changes, Time now);

}  // namespace balcao::sandbox::disputes
