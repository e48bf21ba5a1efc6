#pragma once

#include <cstdint>
#include <string>

#include "exchanges/lighter/signing/transactions/accounts.h"
#include "exchanges/lighter/signing/transactions/transaction.h"

// The texts that an account's Ethereum key signs (EIP-191 personal_sign) for the few transactions
// that want its consent. Services hold no Ethereum key: who holds it signs the text and hands the
// signature in as `l1_sig`. Trading, withdrawals and transfers inside one owner need none.
// Pure. Source: reference 3.11.
namespace switchyard::exchanges::lighter::signing {

std::string ChangePubKeyText(const ChangePubKey& change, std::int64_t nonce);
std::string TransferText(const Transfer& transfer, std::int64_t nonce, ChainId chain);
std::string ApproveIntegratorText(const ApproveIntegrator& approval, std::int64_t nonce,
                                  ChainId chain);

}  // namespace switchyard::exchanges::lighter::signing
