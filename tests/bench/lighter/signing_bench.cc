#include <benchmark/benchmark.h>

#include <array>
#include <span>
#include <string>

#include "exchanges/lighter/signing/curve/point.h"
#include "exchanges/lighter/signing/hash/poseidon2.h"
#include "exchanges/lighter/signing/schnorr/private_key.h"
#include "exchanges/lighter/signing/tokens/auth_token.h"
#include "exchanges/lighter/signing/transactions/transaction.h"

// Lighter's signatures beside the same operations done plainly: textbook doubling and adding with
// no table, Poseidon2 with every sum and product reduced by itself. Targets: 70 us for a signed
// create order, 3 us for its hash.
namespace switchyard::exchanges::lighter::signing {
namespace {

constexpr std::int64_t kExpiredAt = 1'789'000'000'101;

// Worthless: made up here.
Bytes40 KeyBytes() {
  Bytes40 bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i + 1);
  return bytes;
}

CreateOrder Order() {
  CreateOrder order;
  order.account_index = 281474976639642;
  order.api_key_index = 7;
  order.client_order_index = 1001;
  order.base_amount = 10'500;
  order.price = 251'234;
  order.order_expiry = 1'790'000'000'000;
  return order;
}

Envelope OrderEnvelope(std::int64_t nonce) { return {kExpiredAt, nonce, {}}; }

// What is hashed of Order().
std::array<Fp, 16> ElementsOf(std::int64_t nonce) {
  const CreateOrder order = Order();
  const std::array<std::int64_t, 16> numbers = {304,
                                                CreateOrder::kType,
                                                nonce,
                                                kExpiredAt,
                                                order.account_index,
                                                order.api_key_index,
                                                0,
                                                order.client_order_index,
                                                order.base_amount,
                                                order.price,
                                                0,
                                                0,
                                                1,
                                                0,
                                                0,
                                                order.order_expiry};
  std::array<Fp, 16> elements;
  for (std::size_t i = 0; i < elements.size(); ++i) elements[i] = Fp::FromInt64(numbers[i]);
  return elements;
}

Fp SBox(Fp a) { return a * a * a * a * a * a * a; }

void PlainExternalLayer(poseidon2::State& state) {
  std::array<Fp, 4> sums;
  for (std::size_t block = 0; block < 12; block += 4) {
    const std::array<Fp, 4> x = {state[block], state[block + 1], state[block + 2],
                                 state[block + 3]};
    for (std::size_t i = 0; i < 4; ++i) {
      state[block + i] = Fp(2) * x[i] + Fp(3) * x[(i + 1) % 4] + x[(i + 2) % 4] + x[(i + 3) % 4];
      sums[i] = sums[i] + state[block + i];
    }
  }
  for (std::size_t i = 0; i < 12; ++i) state[i] = state[i] + sums[i % 4];
}

void PlainPermute(poseidon2::State& state) {
  PlainExternalLayer(state);
  for (std::size_t round = 0; round < poseidon2::kFullRounds; ++round) {
    for (std::size_t i = 0; round == 4 && i < poseidon2::kPartialRounds; ++i) {
      state[0] = SBox(state[0] + Fp(poseidon2::kInternalConstants[i]));
      Fp sum;
      for (const Fp element : state) sum = sum + element;
      for (std::size_t j = 0; j < 12; ++j) {
        state[j] = state[j] * Fp(poseidon2::kInternalDiagonal[j]) + sum;
      }
    }
    for (std::size_t i = 0; i < 12; ++i) {
      state[i] = SBox(state[i] + Fp(poseidon2::kExternalConstants[round][i]));
    }
    PlainExternalLayer(state);
  }
}

Fp5 PlainHash(std::span<const Fp> elements) {
  poseidon2::State state{};
  for (std::size_t i = 0; i < elements.size(); ++i) {
    state[i % 8] = elements[i];
    if (i % 8 == 7 || i + 1 == elements.size()) PlainPermute(state);
  }
  return Fp5({state[0], state[1], state[2], state[3], state[4]});
}

Point PlainMultiplyGenerator(const Scalar& factor) {
  Point product;
  for (std::size_t bit = 320; bit-- > 0;) {
    product = product + product;
    if ((factor.limbs()[bit / 64] >> bit % 64 & 1) != 0) product = product + Point::Generator();
  }
  return product;
}

Signature PlainSign(const Scalar& key, const Fp5& message, const Scalar& nonce) {
  const Fp5 r = PlainMultiplyGenerator(nonce).Encode();
  std::array<Fp, 10> elements;
  for (std::size_t i = 0; i < 5; ++i) elements[i] = r[i], elements[i + 5] = message[i];
  const Scalar e = Scalar::FromElement(PlainHash(elements));
  return {nonce - e * key, e};
}

// The plain formulation's nonce: what it costs does not depend on which one.
Scalar Nonce(const Fp5& message) { return Scalar::FromElement(message.Square()); }

void HashCreateOrder(benchmark::State& state) {
  const Transaction order = Order();
  std::int64_t nonce = 0;
  Fp5 hash;
  for (auto _ : state) {
    hash = HashTransaction(order, OrderEnvelope(++nonce), ChainId::kMainnet);
    benchmark::DoNotOptimize(hash);
  }
  if (!(hash == PlainHash(ElementsOf(nonce)))) state.SkipWithError("the two hashes differ");
}

void HashCreateOrderPlainly(benchmark::State& state) {
  std::int64_t nonce = 0;
  Fp5 hash;
  for (auto _ : state) {
    hash = PlainHash(ElementsOf(++nonce));
    benchmark::DoNotOptimize(hash);
  }
  if (!(hash == HashTransaction(Order(), OrderEnvelope(nonce), ChainId::kMainnet))) {
    state.SkipWithError("the two hashes differ");
  }
}

// Checked, hashed, signed and written as JSON.
void SignCreateOrder(benchmark::State& state) {
  const PrivateKey key = *PrivateKey::FromBytes(KeyBytes());
  const Transaction order = Order();
  std::int64_t nonce = 0;
  for (auto _ : state) {
    auto signed_order = SignTransaction(order, OrderEnvelope(++nonce), ChainId::kMainnet, key);
    benchmark::DoNotOptimize(signed_order);
  }
  const Fp5 hash = HashTransaction(order, OrderEnvelope(nonce), ChainId::kMainnet);
  if (!Verify(key.public_key(), hash, key.Sign(hash))) state.SkipWithError("does not verify");
}

void SignCreateOrderPlainly(benchmark::State& state) {
  const PrivateKey key = *PrivateKey::FromBytes(KeyBytes());
  const Scalar secret = Scalar::Reduce(KeyBytes());
  const Transaction order = Order();
  std::int64_t nonce = 0;
  Fp5 hash;
  Signature signature;
  for (auto _ : state) {
    const Envelope envelope = OrderEnvelope(++nonce);
    if (!Validate(order, envelope).ok()) state.SkipWithError("the order is not valid");
    hash = PlainHash(ElementsOf(nonce));
    signature = PlainSign(secret, hash, Nonce(hash));
    std::string text = WriteTransaction(order, envelope, signature);
    benchmark::DoNotOptimize(text);
  }
  if (!(signature == key.SignWithNonce(hash, Nonce(hash)))) {
    state.SkipWithError("the two signatures differ");
  }
}

void VerifySignature(benchmark::State& state) {
  const PrivateKey key = *PrivateKey::FromBytes(KeyBytes());
  const Fp5 hash = HashTransaction(Order(), OrderEnvelope(1), ChainId::kMainnet);
  const Signature signature = key.Sign(hash);
  bool good = true;
  for (auto _ : state) good &= Verify(key.public_key(), hash, signature);
  if (!good) state.SkipWithError("does not verify");
}

void MakeToken(benchmark::State& state) {
  const PrivateKey key = *PrivateKey::FromBytes(KeyBytes());
  bool good = true;
  for (auto _ : state) good &= MakeAuthToken(key, {12345, 4}, 1'790'000'000).ok();
  if (!good) state.SkipWithError("no token");
}

BENCHMARK(HashCreateOrder)->Name("HashCreateOrder/fast")->Unit(benchmark::kMicrosecond);
BENCHMARK(HashCreateOrderPlainly)->Name("HashCreateOrder/plain")->Unit(benchmark::kMicrosecond);
BENCHMARK(SignCreateOrder)->Name("SignCreateOrder/table")->Unit(benchmark::kMicrosecond);
BENCHMARK(SignCreateOrderPlainly)->Name("SignCreateOrder/plain")->Unit(benchmark::kMicrosecond);
BENCHMARK(VerifySignature)->Unit(benchmark::kMicrosecond);
BENCHMARK(MakeToken)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace switchyard::exchanges::lighter::signing

BENCHMARK_MAIN();
