#pragma once

#include <type_traits>

#include "common/crypto/bytes.h"

namespace switchyard::exchanges::lighter::signing {

// A secret in memory of its own, overwritten when it goes: on every way out of the function that
// holds it. Neither copied nor moved. Copies that the compiler keeps in registers or spills are out
// of its reach.
template <typename T>
class Wiping {
 public:
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

  Wiping() = default;
  explicit Wiping(const T& value) : value_(value) {}
  Wiping(const Wiping&) = delete;
  Wiping& operator=(const Wiping&) = delete;
  ~Wiping() { crypto::Wipe(&value_, sizeof(value_)); }

  T& operator*() { return value_; }
  const T& operator*() const { return value_; }
  T* operator->() { return &value_; }
  const T* operator->() const { return &value_; }

 private:
  T value_{};
};

}  // namespace switchyard::exchanges::lighter::signing
