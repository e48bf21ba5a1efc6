#include "exchanges/lighter/signing/transactions/l1_text.h"

#include <fmt/format.h>

#include "common/crypto/bytes.h"

namespace switchyard::exchanges::lighter::signing {
namespace {

constexpr std::string_view kWarning = "Only sign this message for a trusted client!";

// 0x and 16 digits.
template <typename Number>
std::string Hex(Number number) {
  return fmt::format("0x{:016x}", static_cast<std::uint64_t>(number));
}

}  // namespace

std::string ChangePubKeyText(const ChangePubKey& change, std::int64_t nonce) {
  return fmt::format(
      "Register Lighter Account\n\npubkey: 0x{}\nnonce: {}\naccount index: {}\napi key index: {}\n"
      "{}",
      crypto::ToHex(change.pub_key), Hex(nonce), Hex(change.account_index),
      Hex(change.api_key_index), kWarning);
}

std::string TransferText(const Transfer& transfer, std::int64_t nonce, ChainId chain) {
  return fmt::format(
      "Transfer\n\nnonce: {}\nfrom: {} (route {})\napi key: {}\nto: {} (route {})\nasset: {}\n"
      "amount: {}\nfee: {}\nchainId: {}\nmemo: {}\n{}",
      Hex(nonce), Hex(transfer.from_account_index), Hex(transfer.from_route),
      Hex(transfer.api_key_index), Hex(transfer.to_account_index), Hex(transfer.to_route),
      Hex(transfer.asset_index), Hex(transfer.amount), Hex(transfer.usdc_fee), Hex(chain),
      crypto::ToHex(transfer.memo), kWarning);
}

std::string ApproveIntegratorText(const ApproveIntegrator& approval, std::int64_t nonce,
                                  ChainId chain) {
  return fmt::format(
      "Approve Integrator\n\nnonce: {}\naccount index: {}\napi key index: {}\n"
      "integrator account index: {}\nmax perps taker fee: {}\nmax perps maker fee: {}\n"
      "max spot taker fee: {}\nmax spot maker fee: {}\napproval expiry: {}\nchainId: {}\n{}",
      Hex(nonce), Hex(approval.account_index), Hex(approval.api_key_index),
      Hex(approval.integrator_account_index), Hex(approval.max_perps_taker_fee),
      Hex(approval.max_perps_maker_fee), Hex(approval.max_spot_taker_fee),
      Hex(approval.max_spot_maker_fee), Hex(approval.approval_expiry), Hex(chain), kWarning);
}

}  // namespace switchyard::exchanges::lighter::signing
