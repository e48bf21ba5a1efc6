#include "common/config/secret.h"

#include <algorithm>
#include <utility>

#include "common/crypto/bytes.h"

namespace switchyard::config {

Secret::Secret() = default;

Secret::Secret(std::string_view value)
    : bytes_(value.empty() ? nullptr : std::make_unique<char[]>(value.size())),
      size_(value.size()) {
  std::copy(value.begin(), value.end(), bytes_.get());
}

Secret::Secret(Secret&& other) noexcept
    : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  Wipe();
  bytes_ = std::move(other.bytes_);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

Secret::~Secret() { Wipe(); }

bool Secret::Equals(std::string_view other) const {
  return crypto::ConstantTimeEquals(Reveal(), other);
}

void Secret::Wipe() {
  if (bytes_ != nullptr) crypto::Wipe(bytes_.get(), size_);
}

void WipeString(std::string& text) {
  // Within the capacity this does not allocate: it makes the bytes behind the end writable.
  text.resize(text.capacity());
  crypto::Wipe(text.data(), text.size());
  text.clear();
}

}  // namespace switchyard::config
