#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/time.h"
#include "services/access/client_limits.h"
#include "switchyard/common/v1/options.pb.h"
#include "switchyard/config/v1/config.pb.h"

namespace switchyard::access {

using common::v1::Role;

// "read", "trade", "admin".
std::string_view RoleName(Role role);

// A right; an empty exchange or account stands for all.
struct Grant {
  Role role;
  std::string exchange;
  std::string account;
};

// Somebody who calls, as configured.
struct Principal {
  std::string name;
  std::vector<Grant> grants;
  Limits limits;
};

// Who makes a call, and what he may. Refers to its Principals, which outlive it. Any thread.
class Caller {
 public:
  // Where nobody is asked: everything is allowed.
  static Caller Anyone() { return Caller(Kind::kAnyone, nullptr); }
  // A router that asks for itself: nothing is granted, StatusService is open to it.
  static Caller Router() { return Caller(Kind::kRouter, nullptr); }
  static Caller Of(const Principal& principal) { return Caller(Kind::kPrincipal, &principal); }

  bool is_router() const { return kind_ == Kind::kRouter; }
  // Null where none is known.
  const Principal* principal() const { return principal_; }
  // Empty where none is known.
  const std::string& name() const;

  // Anywhere at all.
  bool Holds(Role role) const;
  // What belongs to no account, such as market data: a grant for any account of the exchange is
  // enough.
  bool MayOnExchange(Role role, std::string_view exchange) const;
  // An empty account: all of them.
  bool MayOnAccount(Role role, std::string_view exchange, std::string_view account) const;

  // PermissionDenied (NOT_GRANTED), saying what is missing for what. `method` as
  // "OrderService/PlaceOrder"; an empty exchange or account is not mentioned.
  absl::Status Denied(Role role, std::string_view exchange, std::string_view account,
                      std::string_view method) const;

 private:
  enum class Kind { kAnyone, kRouter, kPrincipal };
  Caller(Kind kind, const Principal* principal) : kind_(kind), principal_(principal) {}

  Kind kind_;
  const Principal* principal_;
};

// How a call came.
enum class Transport { kPlaintext, kUnixSocket, kTls, kInProcess };

// What a call shows of its caller.
struct Credentials {
  Transport transport = Transport::kPlaintext;
  // DNS and URI names of the verified client certificate, or its common name; none without one.
  std::vector<std::string> certificate_names;
  // Values of `authorization` and of `x-switchyard-principal`, as often as they came.
  std::vector<std::string> authorization;
  std::vector<std::string> forwarded_principal;
};

// The header by which a router names the principal that it calls for.
inline constexpr char kPrincipalHeader[] = "x-switchyard-principal";

// All principals of a process. Immutable; any thread.
class Principals {
 public:
  // Limits that a principal does not give are `limits`.
  // Errors: InvalidArgument, naming the field: no principals, a bad or repeated name, hash or
  // certificate name, a bad role or date.
  static absl::StatusOr<std::unique_ptr<Principals>> Create(const config::v1::AccessConfig& config,
                                                            const Limits& limits);

  // Errors: Unauthenticated (CLIENT_NOT_AUTHENTICATED), saying what was wrong with what was shown;
  // never shows a token.
  absl::StatusOr<Caller> Identify(const Credentials& credentials, TimeNs now) const;

 private:
  struct Token {
    std::string digest;  // SHA-256, 32 bytes
    TimeNs expires;      // not given: never
    const Principal* principal;
  };

  Principals() = default;
  absl::Status Add(const config::v1::PrincipalConfig& config, const std::string& field,
                   const Limits& limits);
  absl::Status AddToken(const config::v1::TokenConfig& config, const std::string& field,
                        const Principal& principal);
  absl::StatusOr<Caller> ByToken(const Credentials& credentials, TimeNs now) const;
  absl::StatusOr<Caller> ByForwardedName(const Credentials& credentials) const;
  const Principal* Named(std::string_view name) const;
  bool IsRouter(const std::vector<std::string>& certificate_names) const;

  std::vector<std::unique_ptr<const Principal>> principals_;  // addresses are stable
  std::vector<Token> tokens_;
  std::vector<std::pair<std::string, const Principal*>> certificates_;
  std::vector<std::string> routers_;
};

}  // namespace switchyard::access
