#pragma once

#include "common/json/json.h"
#include "exchanges/lighter/signing/transactions/transaction.h"

namespace switchyard::exchanges::lighter::signing {

// A transaction as somebody else wrote it.
struct ReadResult {
  Transaction transaction;
  Envelope envelope;
  crypto::Bytes signature;  // empty where Sig is null
};

// Reads `tx_info` of a vector: every field of the type has to be there. A failure of the test where
// it is not, or where the type is unknown.
ReadResult ReadTransaction(std::int64_t type, const std::string& tx_info);

}  // namespace switchyard::exchanges::lighter::signing
