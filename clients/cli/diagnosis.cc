#include "clients/cli/diagnosis.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>

#include "clients/cli/duration.h"
#include "clients/cli/enum_text.h"
#include "clients/cli/error_text.h"
#include "common/status/status.h"

namespace switchyard::clients::cli {
namespace {

using status::v1::ConnectionStatus;
using status::v1::ExchangeStatus;
using std::chrono::milliseconds;

// Exchanges refuse commands whose time is seconds off; they tell their own limits differently.
constexpr milliseconds kClockDoubtful{500}, kClockWrong{5'000};
// A connection with subscriptions that has said nothing for so long.
constexpr milliseconds kSilent{30'000};
constexpr std::uint32_t kLittleLeftPercent = 10;
constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kLittleSpace = 1'024 * kMiB, kNoSpace = 64 * kMiB;
constexpr std::size_t kTold = 3;  // problems of one check; the rest is counted

constexpr char kSynchroniseClock[] =
    "synchronise this machine's clock (chrony or systemd-timesyncd) and see that it runs";

// What is wrong in one check of one exchange.
class Problems {
 public:
  void Add(Level level, std::string what, std::string advice) {
    what_.push_back(std::move(what));
    if (level > level_) {
      level_ = level;
      advice_ = std::move(advice);
    }
  }

  Finding Close(const std::string& subject, const std::string& check, std::string fine) const {
    if (level_ == Level::kOk) return {Level::kOk, subject, check, std::move(fine), ""};
    const auto end = what_.begin() + static_cast<std::ptrdiff_t>(std::min(what_.size(), kTold));
    std::string what = fmt::format("{}", fmt::join(what_.begin(), end, "; "));
    if (what_.size() > kTold) what += fmt::format("; and {} more", what_.size() - kTold);
    return {level_, subject, check, std::move(what), advice_};
  }

 private:
  Level level_ = Level::kOk;
  std::vector<std::string> what_;
  std::string advice_;
};

bool IsUp(const ConnectionStatus& connection) {
  using namespace status::v1;  // NOLINT: values of one enum
  const ConnectionState state = connection.state();
  return state == CONNECTION_STATE_READY || state == CONNECTION_STATE_SERVING ||
         state == CONNECTION_STATE_IDLE || state == CONNECTION_STATE_SUBSCRIBING;
}

bool IsBackend(const ConnectionStatus& connection) { return connection.name() == "backend"; }

void LookAtConnection(const ExchangeStatus& entry, const ConnectionStatus& connection,
                      Problems& problems) {
  const std::string name = fmt::format("{} {}", entry.component(), connection.name());
  if (!IsUp(connection)) {
    const bool down = connection.state() == status::v1::CONNECTION_STATE_DOWN;
    problems.Add(
        down ? Level::kFailed : Level::kWarning,
        fmt::format("{} is {}: {}", name, EnumText(connection.state()),
                    connection.last_error().empty() ? "no reason told" : connection.last_error()),
        "see that this machine reaches the exchange (firewall, proxy, its status page); "
        "it is tried again by itself");
  } else if (connection.subscriptions() > 0 &&
             std::chrono::nanoseconds(connection.last_message_age_ns()) > kSilent) {
    problems.Add(Level::kWarning,
                 fmt::format("{} has said nothing for {}", name,
                             FormatDuration(connection.last_message_age_ns())),
                 "if its markets are traded now, tell whoever runs Switchyard: silence should have "
                 "been noticed");
  }
}

// All services of one exchange.
struct Exchange {
  std::vector<std::string> components;
  std::size_t connections = 0;
  std::uint64_t valid_books = 0, stale_books = 0;
  std::int64_t clock_offset_ns = 0;
  Problems services, connected, limits;
};

void Look(const ExchangeStatus& entry, Exchange& exchange) {
  exchange.components.push_back(entry.component());
  exchange.valid_books += entry.valid_books();
  exchange.stale_books += entry.stale_books();
  if (std::abs(entry.clock_offset_ns()) > std::abs(exchange.clock_offset_ns)) {
    exchange.clock_offset_ns = entry.clock_offset_ns();
  }
  bool has_backend = true;
  for (const ConnectionStatus& connection : entry.connections()) {
    if (IsBackend(connection)) {
      has_backend = IsUp(connection);
      continue;
    }
    ++exchange.connections;
    LookAtConnection(entry, connection, exchange.connected);
  }
  if (!has_backend) {
    exchange.services.Add(
        Level::kFailed, fmt::format("the router does not reach its {} service", entry.component()),
        fmt::format("start {}_{}, or mend its addresses in the router's backends", entry.exchange(),
                    entry.component()));
  } else if (!entry.ready()) {
    exchange.services.Add(Level::kFailed, fmt::format("{} is not ready", entry.component()),
                          "the lines below and the service's log say why");
  }
  for (const auto& limit : entry.limits()) {
    if (limit.remaining() * std::uint64_t{100} >=
        std::uint64_t{limit.limit()} * kLittleLeftPercent) {
      continue;
    }
    exchange.limits.Add(
        Level::kWarning,
        fmt::format("{} {}: {} of {} left", entry.component(), limit.name(), limit.remaining(),
                    limit.limit()),
        "fewer requests, streams in place of reads, or another limit_share_percent");
  }
}

Finding JudgeBooks(const std::string& id, const Exchange& exchange) {
  const std::uint64_t all = exchange.valid_books + exchange.stale_books;
  Problems problems;
  if (exchange.stale_books > 0) {
    problems.Add(exchange.valid_books == 0 ? Level::kFailed : Level::kWarning,
                 fmt::format("{} of {} are stale", exchange.stale_books, all),
                 "do not trade on them; they come back by themselves once the exchange sends "
                 "(yard status says how the connections are)");
  }
  return problems.Close(id, "books", all == 0 ? "none are kept" : fmt::format("{} are valid", all));
}

Finding JudgeExchangeClock(const std::string& id, std::int64_t offset_ns) {
  const std::chrono::nanoseconds offset(offset_ns);
  Problems problems;
  if (std::chrono::abs(offset) >= kClockDoubtful) {
    problems.Add(
        std::chrono::abs(offset) >= kClockWrong ? Level::kFailed : Level::kWarning,
        fmt::format("the exchange's clock is {} {} the service's",
                    FormatDuration(std::abs(offset_ns)), offset_ns > 0 ? "ahead of" : "behind"),
        kSynchroniseClock);
  }
  return problems.Close(id, "clock",
                        offset_ns == 0
                            ? "not measured yet"
                            : fmt::format("{} apart", FormatDuration(std::abs(offset_ns))));
}

// What to do about a private read that failed.
std::string CredentialAdvice(const absl::Status& status) {
  switch (ReasonOf(status)) {
    case common::v1::ERROR_REASON_BAD_KEY:
      return "the exchange does not know the API key: compare api_key with the exchange's page, "
             "and "
             "see that it has not expired";
    case common::v1::ERROR_REASON_BAD_SIGNATURE:
      return "the secret does not belong to the API key: enter it again";
    case common::v1::ERROR_REASON_BAD_TIMESTAMP:
      return kSynchroniseClock;
    case common::v1::ERROR_REASON_KEY_PERMISSION:
      return "give the API key this right, or allow this machine's address, at the exchange";
    case common::v1::ERROR_REASON_NOT_GRANTED:
      return "have the right granted to you in the router's access";
    case common::v1::ERROR_REASON_CLIENT_NOT_AUTHENTICATED:
      return "show it a token or a certificate that it knows";
    case common::v1::ERROR_REASON_BACKEND_UNAVAILABLE:
      return "start the service of this exchange";
    default:
      break;
  }
  switch (status.code()) {
    case absl::StatusCode::kUnauthenticated:
      return "compare api_key and secret with the exchange's page";
    case absl::StatusCode::kPermissionDenied:
      return "give the API key this right at the exchange";
    case absl::StatusCode::kResourceExhausted:
      return "the exchange's limit is used up: try again later";
    default:
      return "see that the exchange is reached (its connections), and try again";
  }
}

std::string ReachAdvice(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return "see that it runs, that the address is right (--router), and that both sides speak "
             "TLS "
             "or neither does";
    case absl::StatusCode::kUnauthenticated:
      return "show it a token or a certificate that it knows";
    case absl::StatusCode::kPermissionDenied:
      return "have the role `read` granted to you in the access section of its configuration";
    case absl::StatusCode::kUnimplemented:
      return "this is no Switchyard, or an old one: give the router's address (--router)";
    default:
      return "its log says more";
  }
}

}  // namespace

Finding JudgeConfiguration(const std::string& path, const std::string& what,
                           const absl::Status& read) {
  if (read.ok()) return {Level::kOk, path, "configuration", what, ""};
  return {Level::kFailed, path, "configuration", std::string(read.message()),
          "mend it, the process does not start with it; variables and secret files are those of "
          "this machine and user"};
}

Finding JudgeReach(const std::string& address, const absl::Status& status,
                   const status::v1::GetStatusResponse& response,
                   std::chrono::nanoseconds round_trip, TimeNs now) {
  if (!status.ok()) {
    return {Level::kFailed, address, "reachable", ErrorText(ToProto(status)), ReachAdvice(status)};
  }
  return {Level::kOk, address, "reachable",
          fmt::format("{}, up {}, answered in {}", response.version(),
                      FormatDuration(now.value - response.start_time_ns()),
                      FormatDuration(round_trip.count())),
          ""};
}

std::vector<Finding> JudgeExchanges(const status::v1::GetStatusResponse& response) {
  std::map<std::string, Exchange> exchanges;
  for (const ExchangeStatus& entry : response.statuses()) {
    Look(entry, exchanges[entry.exchange()]);
  }
  for (const auto& error : response.errors()) {
    exchanges[error.exchange()].services.Add(
        Level::kFailed,
        fmt::format("{}: {}", error.component().empty() ? "no answer" : error.component(),
                    ErrorText(error.status())),
        fmt::format("start the services of {}, or mend their addresses in the router's backends",
                    error.exchange()));
  }
  std::vector<Finding> findings;
  for (const auto& [id, exchange] : exchanges) {
    findings.push_back(exchange.services.Close(
        id, "services", fmt::format("{} ready", fmt::join(exchange.components, ", "))));
    if (exchange.components.empty()) continue;
    findings.push_back(exchange.connected.Close(
        id, "connections", fmt::format("{} as they should be", exchange.connections)));
    findings.push_back(JudgeBooks(id, exchange));
    findings.push_back(JudgeExchangeClock(id, exchange.clock_offset_ns));
    findings.push_back(exchange.limits.Close(id, "limits", "enough left"));
  }
  if (exchanges.empty()) {
    findings.push_back({Level::kFailed, "", "services", "no exchange is served",
                        "configure backends, or exchanges, and start their services"});
  }
  return findings;
}

Finding JudgeServerClock(const std::string& address, std::chrono::nanoseconds offset,
                         std::chrono::nanoseconds uncertainty) {
  const auto apart = std::max(std::chrono::abs(offset) - uncertainty, std::chrono::nanoseconds(0));
  const std::string text =
      fmt::format("{} apart from this machine's", FormatDuration(std::chrono::abs(offset).count()));
  if (apart < kClockDoubtful) return {Level::kOk, address, "clock", text, ""};
  return {apart >= kClockWrong ? Level::kFailed : Level::kWarning, address, "clock", text,
          "synchronise the clocks of both machines: ages and times in answers are wrong by this"};
}

std::optional<Finding> JudgeRead(const std::string& exchange, const std::string& account,
                                 std::string_view what, const absl::Status& status) {
  if (absl::IsUnimplemented(status)) return std::nullopt;
  Finding finding{Level::kOk, fmt::format("{} {}", exchange, account), std::string(what),
                  "the exchange answers", ""};
  if (status.ok()) return finding;
  finding.level = Level::kFailed;
  finding.what = ErrorText(ToProto(status));
  finding.advice = CredentialAdvice(status);
  return finding;
}

Finding JudgeTrading(const std::string& exchange, const std::string& account,
                     const absl::StatusOr<order::v1::GetRiskLimitsResponse>& limits) {
  Finding finding{Level::kOk, fmt::format("{} {}", exchange, account), "orders",
                  "new orders are taken", ""};
  if (!limits.ok()) {
    finding.level = Level::kFailed;
    finding.what = ErrorText(ToProto(limits.status()));
    finding.advice = CredentialAdvice(limits.status());
  } else if (limits->kill_switch().engaged()) {
    finding.level = Level::kWarning;
    finding.what = fmt::format("the kill switch is on, set by {}: {}",
                               limits->kill_switch().set_by(), limits->kill_switch().reason());
    finding.advice =
        fmt::format("when its cause is gone: yard kill release {} --account={}", exchange, account);
  } else if (!limits->accepting_orders()) {
    finding.level = Level::kFailed;
    finding.what = "new orders are refused: " + limits->refusal();
    finding.advice =
        "it ends by itself once the exchange and the journal work again, unless the "
        "text says otherwise";
  } else if (limits->unknown_orders() > 0) {
    finding.level = Level::kWarning;
    finding.what = fmt::format("the outcome of {} orders is not known", limits->unknown_orders());
    finding.advice = "it is asked for by itself; do not place them again under other ids";
  }
  return finding;
}

std::vector<Finding> JudgeJournals(const JournalFolder& folder) {
  std::vector<Finding> findings;
  Problems problems;
  if (!folder.exists) {
    problems.Add(Level::kFailed, "there is no such folder",
                 "if an order service has run here, find its volume before it is started: a new "
                 "journal knows none of its orders");
  } else if (!folder.writable) {
    problems.Add(Level::kFailed, "this user may not write there",
                 "run this as the service's user, or mend the folder's owner");
  } else if (folder.free_bytes < kLittleSpace) {
    problems.Add(folder.free_bytes < kNoSpace ? Level::kFailed : Level::kWarning,
                 fmt::format("{} MiB are free", folder.free_bytes / kMiB),
                 "free some space: without any nothing new is traded");
  }
  findings.push_back(problems.Close(
      folder.path, "journals", fmt::format("writable, {} MiB free", folder.free_bytes / kMiB)));
  for (const JournalFolder::File& file : folder.files) {
    Problems of_file;
    if (!file.exists) {
      of_file.Add(Level::kFailed, "it was here and is gone",
                  "restore a backup (yard journal restore); the service does not start without it");
    } else if (file.used_by == 0) {
      of_file.Add(Level::kWarning, "no process has it open", "start its order service");
    }
    findings.push_back(
        of_file.Close(file.name, "journal", fmt::format("in use by process {}", file.used_by)));
  }
  return findings;
}

Level WorstOf(const std::vector<Finding>& findings) {
  Level worst = Level::kOk;
  for (const Finding& finding : findings) worst = std::max(worst, finding.level);
  return worst;
}

std::string_view LevelText(Level level) {
  switch (level) {
    case Level::kOk:
      return "ok";
    case Level::kWarning:
      return "warning";
    case Level::kFailed:
      return "FAILED";
  }
  return "";
}

}  // namespace switchyard::clients::cli
