#include "services/access/principals.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "common/crypto/bytes.h"
#include "common/crypto/sha.h"
#include "common/status/status.h"
#include "services/access/utc_time.h"

namespace switchyard::access {
namespace {

constexpr std::size_t kMaxNameBytes = 64;
constexpr std::size_t kDigestBytes = 32;
constexpr std::string_view kScheme = "bearer ";
constexpr std::array<std::pair<std::string_view, Role>, 3> kRoles = {
    {{"read", common::v1::ROLE_READ},
     {"trade", common::v1::ROLE_TRADE},
     {"admin", common::v1::ROLE_ADMIN}}};

absl::Status NotAuthenticated(std::string_view why) {
  return MakeError(absl::StatusCode::kUnauthenticated,
                   common::v1::ERROR_REASON_CLIENT_NOT_AUTHENTICATED, why);
}

bool IsName(const std::string& text) {
  return !text.empty() && text.size() <= kMaxNameBytes &&
         std::all_of(text.begin(), text.end(), [](unsigned char character) {
           return std::isalnum(character) != 0 || character == '_' || character == '-';
         });
}

bool Covers(const std::string& granted, std::string_view wanted) {
  return granted.empty() || granted == wanted;
}

bool IsBearer(const std::string& authorization) {
  return authorization.size() > kScheme.size() &&
         std::equal(kScheme.begin(), kScheme.end(), authorization.begin(),
                    [](char wanted, char given) {
                      return wanted == std::tolower(static_cast<unsigned char>(given));
                    });
}

absl::StatusOr<Grant> ToGrant(const config::v1::GrantConfig& config, const std::string& field) {
  for (const auto& [name, role] : kRoles) {
    if (config.role() == name) return Grant{role, config.exchange(), config.account()};
  }
  return InvalidField(field + ".role",
                      fmt::format("'{}' is none of read, trade, admin", config.role()));
}

}  // namespace

std::string_view RoleName(Role role) {
  for (const auto& [name, each] : kRoles) {
    if (each == role) return name;
  }
  return "no";
}

const std::string& Caller::name() const {
  static const auto& none = *new std::string;
  return principal_ == nullptr ? none : principal_->name;
}

bool Caller::Holds(Role role) const {
  if (kind_ != Kind::kPrincipal) return kind_ == Kind::kAnyone;
  return role != common::v1::ROLE_UNSPECIFIED &&
         std::any_of(principal_->grants.begin(), principal_->grants.end(),
                     [&](const Grant& grant) { return grant.role >= role; });
}

bool Caller::MayOnExchange(Role role, std::string_view exchange) const {
  if (kind_ != Kind::kPrincipal) return kind_ == Kind::kAnyone;
  return role != common::v1::ROLE_UNSPECIFIED &&
         std::any_of(principal_->grants.begin(), principal_->grants.end(), [&](const Grant& grant) {
           return grant.role >= role && Covers(grant.exchange, exchange);
         });
}

bool Caller::MayOnAccount(Role role, std::string_view exchange, std::string_view account) const {
  if (kind_ != Kind::kPrincipal) return kind_ == Kind::kAnyone;
  return role != common::v1::ROLE_UNSPECIFIED &&
         std::any_of(principal_->grants.begin(), principal_->grants.end(), [&](const Grant& grant) {
           return grant.role >= role && Covers(grant.exchange, exchange) &&
                  Covers(grant.account, account);
         });
}

absl::Status Caller::Denied(Role role, std::string_view exchange, std::string_view account,
                            std::string_view method) const {
  const std::string who =
      is_router() ? "the router named no principal and" : fmt::format("principal {}", name());
  std::string where = exchange.empty() ? "" : fmt::format(" on {}", exchange);
  if (!account.empty()) where += fmt::format(" account {}", account);
  ErrorMetadata metadata;
  if (!exchange.empty()) metadata["exchange"] = std::string(exchange);
  return MakeError(absl::StatusCode::kPermissionDenied, common::v1::ERROR_REASON_NOT_GRANTED,
                   fmt::format("{} has no {} grant{} for {}", who, RoleName(role), where, method),
                   metadata);
}

absl::StatusOr<std::unique_ptr<Principals>> Principals::Create(
    const config::v1::AccessConfig& config, const Limits& limits) {
  if (config.principals().empty()) {
    return InvalidField("process.access.principals", "at least one is needed");
  }
  std::unique_ptr<Principals> principals(new Principals);
  for (int i = 0; i < config.principals_size(); ++i) {
    SWITCHYARD_RETURN_IF_ERROR(principals->Add(
        config.principals(i), fmt::format("process.access.principals[{}]", i), limits));
  }
  for (int i = 0; i < config.routers_size(); ++i) {
    if (config.routers(i).empty()) {
      return InvalidField(fmt::format("process.access.routers[{}]", i), "is empty");
    }
    principals->routers_.push_back(config.routers(i));
  }
  return principals;
}

absl::Status Principals::Add(const config::v1::PrincipalConfig& config, const std::string& field,
                             const Limits& limits) {
  if (!IsName(config.name())) {
    return InvalidField(field + ".name", "required, 1 to 64 of [A-Za-z0-9_-]");
  }
  if (Named(config.name()) != nullptr) {
    return InvalidField(field + ".name", fmt::format("'{}' occurs twice", config.name()));
  }
  auto principal = std::make_unique<Principal>();
  principal->name = config.name();
  for (int i = 0; i < config.grants_size(); ++i) {
    SWITCHYARD_ASSIGN_OR_RETURN(Grant grant,
                                ToGrant(config.grants(i), fmt::format("{}.grants[{}]", field, i)));
    principal->grants.push_back(std::move(grant));
  }
  SWITCHYARD_ASSIGN_OR_RETURN(principal->limits,
                              ToLimits(config.limits(), field + ".limits", limits));
  for (int i = 0; i < config.certificates_size(); ++i) {
    const std::string& name = config.certificates(i);
    const bool known =
        std::any_of(certificates_.begin(), certificates_.end(),
                    [&](const auto& certificate) { return certificate.first == name; });
    if (name.empty() || known) {
      return InvalidField(fmt::format("{}.certificates[{}]", field, i),
                          known ? fmt::format("'{}' occurs twice", name) : "is empty");
    }
    certificates_.emplace_back(name, principal.get());
  }
  for (int i = 0; i < config.tokens_size(); ++i) {
    SWITCHYARD_RETURN_IF_ERROR(
        AddToken(config.tokens(i), fmt::format("{}.tokens[{}]", field, i), *principal));
  }
  principals_.push_back(std::move(principal));
  return absl::OkStatus();
}

absl::Status Principals::AddToken(const config::v1::TokenConfig& config, const std::string& field,
                                  const Principal& principal) {
  const absl::StatusOr<crypto::Bytes> bytes = crypto::FromHex(config.sha256());
  // Never shown: who mistakes the field writes the token itself.
  if (!bytes.ok() || bytes->size() != kDigestBytes) {
    return InvalidField(field + ".sha256", "not 64 hexadecimal digits");
  }
  Token token{{bytes->begin(), bytes->end()}, {}, &principal};
  if (std::any_of(tokens_.begin(), tokens_.end(),
                  [&](const Token& other) { return other.digest == token.digest; })) {
    return InvalidField(field + ".sha256", "occurs twice");
  }
  if (!config.expires().empty()) {
    const absl::StatusOr<TimeNs> expires = ParseUtc(config.expires());
    if (!expires.ok()) {
      return InvalidField(field + ".expires", std::string(expires.status().message()));
    }
    token.expires = *expires;
  }
  tokens_.push_back(std::move(token));
  return absl::OkStatus();
}

const Principal* Principals::Named(std::string_view name) const {
  const auto found = std::find_if(principals_.begin(), principals_.end(),
                                  [&](const auto& principal) { return principal->name == name; });
  return found == principals_.end() ? nullptr : found->get();
}

bool Principals::IsRouter(const std::vector<std::string>& certificate_names) const {
  return std::any_of(certificate_names.begin(), certificate_names.end(),
                     [this](const std::string& name) {
                       return std::find(routers_.begin(), routers_.end(), name) != routers_.end();
                     });
}

absl::StatusOr<Caller> Principals::ByForwardedName(const Credentials& credentials) const {
  if (credentials.forwarded_principal.size() > 1) {
    return NotAuthenticated(fmt::format("more than one {}", kPrincipalHeader));
  }
  if (credentials.transport != Transport::kInProcess && !IsRouter(credentials.certificate_names)) {
    return NotAuthenticated(
        credentials.transport == Transport::kTls
            ? fmt::format("{} is believed from routers' certificates alone", kPrincipalHeader)
            : fmt::format("{} is believed from routers' certificates alone, and this connection "
                          "is not TLS",
                          kPrincipalHeader));
  }
  const Principal* const principal = Named(credentials.forwarded_principal.front());
  if (principal == nullptr) {
    return NotAuthenticated("the router called for a principal that is not configured here");
  }
  return Caller::Of(*principal);
}

absl::StatusOr<Caller> Principals::ByToken(const Credentials& credentials, TimeNs now) const {
  if (credentials.authorization.size() > 1) return NotAuthenticated("more than one authorization");
  if (credentials.transport == Transport::kPlaintext) {
    return NotAuthenticated(
        "a bearer token is not taken over plaintext TCP, where others can read it: use TLS, and "
        "replace this token");
  }
  const std::string& authorization = credentials.authorization.front();
  if (!IsBearer(authorization)) return NotAuthenticated("authorization is not `Bearer TOKEN`");
  const crypto::Sha256Digest digest =
      crypto::Sha256(std::string_view(authorization).substr(kScheme.size()));
  const std::string_view given(reinterpret_cast<const char*>(digest.data()), digest.size());
  // Over all of them, so that the time tells nothing.
  const Token* found = nullptr;
  for (const Token& token : tokens_) {
    if (crypto::ConstantTimeEquals(token.digest, given)) found = &token;
  }
  if (found == nullptr) return NotAuthenticated("the bearer token is not known here");
  if (found->expires.given() && found->expires <= now) {
    return NotAuthenticated("the bearer token ended at " + FormatUtc(found->expires));
  }
  return Caller::Of(*found->principal);
}

absl::StatusOr<Caller> Principals::Identify(const Credentials& credentials, TimeNs now) const {
  if (!credentials.forwarded_principal.empty()) return ByForwardedName(credentials);
  if (!credentials.authorization.empty()) return ByToken(credentials, now);
  const std::vector<std::string>& names = credentials.certificate_names;
  for (const auto& [name, principal] : certificates_) {
    if (std::find(names.begin(), names.end(), name) != names.end()) return Caller::Of(*principal);
  }
  if (IsRouter(names)) return Caller::Router();
  if (!names.empty()) {
    return NotAuthenticated(
        fmt::format("the client certificate ({}) is nobody's here", fmt::join(names, ", ")));
  }
  if (credentials.transport == Transport::kPlaintext) {
    return NotAuthenticated(
        "no caller can be known over plaintext TCP: use TLS with a bearer token or a client "
        "certificate");
  }
  return NotAuthenticated("neither a bearer token nor a client certificate was given");
}

}  // namespace switchyard::access
