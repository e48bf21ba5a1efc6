#include <array>
#include <span>

#include "exchanges/lighter/signing/hash/poseidon2.h"
#include "exchanges/lighter/signing/transactions/transaction.h"

namespace switchyard::exchanges::lighter::signing {
namespace {

// What a hash is made of, in order. No transaction has more elements (create order has 16).
class Elements {
 public:
  void Add(std::int64_t value) { Add(Fp::FromInt64(value)); }
  void Add(Fp element) {
    if (size_ < elements_.size()) elements_[size_++] = element;
  }
  std::span<const Fp> view() const { return {elements_.data(), size_}; }

 private:
  std::array<Fp, 16> elements_;
  std::size_t size_ = 0;
};

// Adds each field of a transaction.
template <typename T>
class Collector {
 public:
  Collector(const T& transaction, Elements* elements)
      : transaction_(transaction), elements_(*elements) {}

  template <typename Owner, typename Member>
  bool operator()(const NumberField<Owner, Member>& field) {
    elements_.Add(static_cast<std::int64_t>(transaction_.*field.member));
    return true;
  }
  bool operator()(const AmountField<T>& field) {
    const std::int64_t amount = transaction_.*field.member;
    elements_.Add(amount & 0xffff'ffff);
    elements_.Add(amount >> 32);
    return true;
  }
  bool operator()(const KeyField<T>& field);
  bool operator()(const MemoField<T>&) { return true; }
  bool operator()(const TextField<T>&) { return true; }
  template <typename Item>
  bool operator()(const OrdersField<T, Item>& field);

 private:
  const T& transaction_;
  Elements& elements_;
};

template <typename T>
void AddFields(const T& transaction, Elements* elements) {
  ForEachField<T>(Collector<T>(transaction, elements));
}

template <typename T>
bool Collector<T>::operator()(const KeyField<T>& field) {
  const Bytes40& bytes = transaction_.*field.member;
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    std::uint64_t limb = 0;
    for (std::size_t j = 8; j-- > 0;) limb = limb << 8 | bytes[i + j];
    elements_.Add(Fp(limb));
  }
  return true;
}

template <typename T>
template <typename Item>
bool Collector<T>::operator()(const OrdersField<T, Item>& field) {
  poseidon2::Hash4 folded{};
  bool first = true;
  for (const Item& item : transaction_.*field.member) {
    Elements of_item;
    AddFields(item, &of_item);
    const poseidon2::Hash4 hash = poseidon2::HashTo4(of_item.view());
    folded = first ? hash : poseidon2::Compress(folded, hash);
    first = false;
  }
  for (const Fp element : folded) elements_.Add(element);
  return true;
}

}  // namespace

Fp5 HashTransaction(const Transaction& transaction, const Envelope& envelope, ChainId chain) {
  Elements elements;
  elements.Add(static_cast<std::int64_t>(chain));
  elements.Add(TypeOf(transaction));
  elements.Add(envelope.nonce);
  elements.Add(envelope.expired_at);
  std::visit([&](const auto& typed) { AddFields(typed, &elements); }, transaction);
  return CombineWithAttributes(poseidon2::HashToFp5(elements.view()), envelope.attributes);
}

}  // namespace switchyard::exchanges::lighter::signing
