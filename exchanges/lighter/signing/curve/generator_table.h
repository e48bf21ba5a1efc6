#pragma once

#include "exchanges/lighter/signing/curve/point.h"
#include "exchanges/lighter/signing/curve/scalar.h"

namespace switchyard::exchanges::lighter::signing {

// factor * Generator from a table of its multiples: one addition for every five bits, no doubling.
// The factor may be secret: every call reads the whole table and does the same additions, whatever
// its bits. The first call of the process makes the table (80 KiB, about a millisecond); any
// thread.
Point MultiplyGenerator(const Scalar& factor);

}  // namespace switchyard::exchanges::lighter::signing
