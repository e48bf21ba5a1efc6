#include <fmt/format.h>

#include <iterator>

#include "common/crypto/bytes.h"
#include "exchanges/lighter/signing/transactions/transaction.h"

namespace switchyard::exchanges::lighter::signing {
namespace {

// Writes each field of a transaction as a member of a JSON object.
template <typename T>
class Writer {
 public:
  Writer(const T& transaction, std::string* out) : transaction_(transaction), out_(*out) {}

  template <typename Owner, typename Member>
  bool operator()(const NumberField<Owner, Member>& field) {
    return Integer(field.name, static_cast<std::int64_t>(transaction_.*field.member));
  }
  bool operator()(const AmountField<T>& field) {
    return Integer(field.name, transaction_.*field.member);
  }
  bool operator()(const KeyField<T>& field) {
    fmt::format_to(std::back_inserter(out_), R"("{}":"{}",)", field.name,
                   crypto::ToBase64(transaction_.*field.member));
    return true;
  }
  // Validated to be hex digits: nothing to escape.
  bool operator()(const TextField<T>& field) {
    fmt::format_to(std::back_inserter(out_), R"("{}":"{}",)", field.name,
                   transaction_.*field.member);
    return true;
  }
  bool operator()(const MemoField<T>& field) {
    fmt::format_to(std::back_inserter(out_), "\"{}\":[{}],", field.name,
                   fmt::join(transaction_.*field.member, ","));
    return true;
  }
  template <typename Item>
  bool operator()(const OrdersField<T, Item>& field) {
    fmt::format_to(std::back_inserter(out_), "\"{}\":[", field.name);
    for (const Item& item : transaction_.*field.member) {
      out_ += '{';
      ForEachField<Item>(Writer<Item>(item, &out_));
      out_.back() = '}';
      out_ += ',';
    }
    if (out_.back() == ',') out_.pop_back();
    out_ += "],";
    return true;
  }

 private:
  bool Integer(std::string_view name, std::int64_t value) {
    fmt::format_to(std::back_inserter(out_), "\"{}\":{},", name, value);
    return true;
  }

  const T& transaction_;
  std::string& out_;
};

// Fields that follow the signature, where the type has any.
template <typename T>
void WriteTail(const T& transaction, std::string* out) {
  if constexpr (requires { T::Tail(); }) {
    std::apply([&](const auto&... fields) { (Writer<T>(transaction, out)(fields), ...); },
               T::Tail());
  }
}

void WriteAttributes(const Attributes& attributes, std::string* out) {
  if (attributes.empty()) {
    *out += "null";
    return;
  }
  *out += '{';
  for (const auto& [type, value] : attributes) {
    fmt::format_to(std::back_inserter(*out), "\"{}\":{},", static_cast<int>(type), value);
  }
  out->back() = '}';
}

}  // namespace

std::string WriteTransaction(const Transaction& transaction, const Envelope& envelope,
                             const Signature& signature) {
  std::string out = "{";
  out.reserve(512);
  std::visit(
      [&](const auto& typed) {
        using T = std::decay_t<decltype(typed)>;
        ForEachField<T>(Writer<T>(typed, &out));
        fmt::format_to(std::back_inserter(out), R"("ExpiredAt":{},"Nonce":{},"Sig":"{}",)",
                       envelope.expired_at, envelope.nonce, crypto::ToBase64(signature.ToBytes()));
        WriteTail(typed, &out);
      },
      transaction);
  out += "\"L2TxAttributes\":";
  WriteAttributes(envelope.attributes, &out);
  out += '}';
  return out;
}

}  // namespace switchyard::exchanges::lighter::signing
