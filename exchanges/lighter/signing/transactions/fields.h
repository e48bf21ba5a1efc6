#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "exchanges/lighter/signing/field/quintic.h"
#include "exchanges/lighter/signing/transactions/bounds.h"

// How a transaction type says what its fields are: one list a type, `Fields()`, in the order of the
// JSON text, from which hashing, JSON and the checks of ranges are made.
namespace switchyard::exchanges::lighter::signing {

// The 32 bytes of a transfer's memo, an array of numbers in JSON; not hashed.
using Memo = std::array<std::uint8_t, 32>;

// An integer or enum; one hashed element.
template <typename Transaction, typename Member>
struct NumberField {
  std::string_view name;
  Member Transaction::*member;
  // Null where the type's own rule says which values there are.
  const Bounds* bounds;
};

// An amount; two hashed elements, the low 32 bits first.
template <typename Transaction>
struct AmountField {
  std::string_view name;
  std::int64_t Transaction::*member;
  const Bounds* bounds;
};

// A public key; base64 in JSON, five hashed elements.
template <typename Transaction>
struct KeyField {
  std::string_view name;
  Bytes40 Transaction::*member;
};

template <typename Transaction>
struct MemoField {
  std::string_view name;
  Memo Transaction::*member;
};

// A text of "0x" and hex, or empty; not hashed.
template <typename Transaction>
struct TextField {
  std::string_view name;
  std::string Transaction::*member;
};

// A list of orders; hashed by the fold of their hashes.
template <typename Transaction, typename Item>
struct OrdersField {
  std::string_view name;
  std::vector<Item> Transaction::*member;
};

template <typename Transaction, typename Member>
constexpr auto Number(std::string_view name, Member Transaction::*member,
                      const Bounds* bounds = nullptr) {
  return NumberField<Transaction, Member>{name, member, bounds};
}

// Calls `visit` with each field of `Transaction`, in order, until it returns false.
template <typename Transaction, typename Visit>
void ForEachField(Visit&& visit) {
  std::apply([&](const auto&... fields) { (visit(fields) && ...); }, Transaction::Fields());
}

}  // namespace switchyard::exchanges::lighter::signing
