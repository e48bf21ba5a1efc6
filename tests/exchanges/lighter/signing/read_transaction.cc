#include "tests/exchanges/lighter/signing/read_transaction.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <type_traits>
#include <utility>

namespace switchyard::exchanges::lighter::signing {
namespace {

template <typename T>
class Reader {
 public:
  Reader(const json::Json& object, T* transaction) : object_(object), transaction_(*transaction) {}

  template <typename Owner, typename Member>
  bool operator()(const NumberField<Owner, Member>& field) {
    transaction_.*field.member =
        static_cast<Member>(Value(field.name).template get<std::int64_t>());
    return true;
  }
  bool operator()(const AmountField<T>& field) {
    transaction_.*field.member = Value(field.name).template get<std::int64_t>();
    return true;
  }
  bool operator()(const KeyField<T>& field) {
    const auto bytes = crypto::FromBase64(Value(field.name).template get<std::string>());
    EXPECT_TRUE(bytes.ok() && bytes->size() == 40);
    if (bytes.ok()) std::copy_n(bytes->begin(), 40, (transaction_.*field.member).begin());
    return true;
  }
  bool operator()(const TextField<T>& field) {
    transaction_.*field.member = Value(field.name).template get<std::string>();
    return true;
  }
  bool operator()(const MemoField<T>& field) {
    transaction_.*field.member = Value(field.name).template get<Memo>();
    return true;
  }
  template <typename Item>
  bool operator()(const OrdersField<T, Item>& field) {
    for (const json::Json& object : Value(field.name)) {
      Item item;
      ForEachField<Item>(Reader<Item>(object, &item));
      (transaction_.*field.member).push_back(item);
    }
    return true;
  }

 private:
  const json::Json& Value(std::string_view name) const { return object_.at(std::string(name)); }

  const json::Json& object_;
  T& transaction_;
};

// Tries the variant's types one after another.
template <std::size_t kIndex = 0>
Transaction ReadTyped(std::int64_t type, const json::Json& object) {
  if constexpr (kIndex == std::variant_size_v<Transaction>) {
    ADD_FAILURE() << "unknown transaction type " << type;
    return {};
  } else {
    using T = std::variant_alternative_t<kIndex, Transaction>;
    if (T::kType != type) return ReadTyped<kIndex + 1>(type, object);
    T transaction;
    Reader<T> reader(object, &transaction);
    ForEachField<T>(reader);
    if constexpr (requires { T::Tail(); }) {
      std::apply([&](const auto&... fields) { (reader(fields) && ...); }, T::Tail());
    }
    return transaction;
  }
}

}  // namespace

ReadResult ReadTransaction(std::int64_t type, const std::string& tx_info) {
  const auto object = json::Parse(tx_info);
  EXPECT_TRUE(object.ok()) << tx_info;
  if (!object.ok()) return {};
  ReadResult result;
  result.transaction = ReadTyped(type, *object);
  result.envelope.expired_at = object->at("ExpiredAt").get<std::int64_t>();
  result.envelope.nonce = object->at("Nonce").get<std::int64_t>();
  if (const auto found = object->find("L2TxAttributes");
      found != object->end() && !found->is_null()) {
    for (const auto& [key, value] : found->items()) {
      result.envelope.attributes[static_cast<AttributeType>(std::stoi(key))] =
          value.get<std::int64_t>();
    }
  }
  if (object->at("Sig").is_string()) {
    result.signature =
        crypto::FromBase64(object->at("Sig").get<std::string>()).value_or(crypto::Bytes());
  }
  return result;
}

}  // namespace switchyard::exchanges::lighter::signing
