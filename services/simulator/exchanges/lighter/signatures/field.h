#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

// The two fields below Lighter's signatures, in the plainest form: nothing here touches a secret of
// anybody, so times may vary. Pure; any thread.
// Source: lighter.md sections 3.1 and 3.2.
namespace switchyard::simulator::lighter::signatures {

// A number modulo p = 2^64 - 2^32 + 1 (Goldilocks), always kept below p.
class Element {
 public:
  static constexpr std::uint64_t kModulus = 0xffff'ffff'0000'0001;

  constexpr Element() = default;
  // Numbers from p on are reduced.
  constexpr explicit Element(std::uint64_t value)
      : value_(value < kModulus ? value : value - kModulus) {}

  constexpr std::uint64_t value() const { return value_; }

  friend constexpr bool operator==(Element, Element) = default;
  friend Element operator+(Element left, Element right);
  friend Element operator-(Element left, Element right);
  friend Element operator*(Element left, Element right);

 private:
  std::uint64_t value_ = 0;
};

Element Power(Element base, std::uint64_t exponent);
// Of 0: 0.
Element Inverse(Element element);
// Either root, where there is one.
std::optional<Element> SquareRoot(Element element);

// A polynomial of degree 4 over the elements, modulo X^5 - 3: limb i belongs to X^i.
struct Quintic {
  static constexpr std::size_t kLimbs = 5;

  std::array<Element, kLimbs> limbs;

  static Quintic Of(Element constant) { return {{constant}}; }
  bool IsZero() const { return *this == Quintic(); }

  friend bool operator==(const Quintic&, const Quintic&) = default;
};

Quintic operator+(const Quintic& left, const Quintic& right);
Quintic operator-(const Quintic& left, const Quintic& right);
Quintic operator*(const Quintic& left, const Quintic& right);
Quintic operator*(const Quintic& left, Element right);
// Of 0: 0.
Quintic Inverse(const Quintic& element);
// The same as raising to the power of p.
Quintic Frobenius(const Quintic& element);
bool IsSquare(const Quintic& element);
// Either root, where there is one.
std::optional<Quintic> SquareRoot(const Quintic& element);

}  // namespace switchyard::simulator::lighter::signatures
