#include "exchanges/gateio/private/private_connection.h"

#include <algorithm>
#include <utility>

#include "common/json/json.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "exchanges/gateio/endpoints.h"
#include "exchanges/gateio/private/private_subscriptions.h"
#include "exchanges/gateio/rest/answer.h"

namespace switchyard::exchanges::gateio {
namespace {

constexpr std::chrono::minutes kClockInterval{5};
constexpr std::chrono::seconds kUserIdRetry{3};
// Source: API v4, "Rate limits", other private endpoints.
constexpr std::int64_t kReadPermits = 200;
constexpr std::chrono::seconds kReadWindow{10};

absl::StatusOr<TimeNs> ReadServerTime(const std::string& body) {
  SWITCHYARD_ASSIGN_OR_RETURN(const json::Json answer, ParseBody(paths::kSpotTime, body));
  const auto millis = json::RequireInt64(answer, "server_time");
  if (!millis.ok()) return Unreadable(paths::kSpotTime, millis.status());
  return TimeNs::FromMillis(*millis);
}

absl::StatusOr<std::string> ReadUserId(const std::string& body) {
  SWITCHYARD_ASSIGN_OR_RETURN(const json::Json answer, ParseBody("the user id", body));
  for (const char* const field : {"user_id", "user"}) {
    const std::string id = TextOf(answer, field);
    if (!id.empty()) return id;
  }
  return Unreadable("the user id", absl::InternalError("no user"));
}

}  // namespace

PrivateConnection::PrivateConnection(PrivateOptions options, const exchange::ClientContext& context)
    : options_(std::move(options)),
      context_(context),
      auth_(options_.api_key, options_.secret.Reveal()),
      clock_(context.clock),
      rest_thread_(options_.exchange + "-prest"),
      connection_thread_(options_.exchange + "-pws"),
      clock_timer_(rest_thread_),
      user_id_timer_(rest_thread_) {
  rest_status_.name = "rest-private";
}

PrivateConnection::~PrivateConnection() { Stop(); }

absl::StatusOr<std::unique_ptr<PrivateConnection>> PrivateConnection::Create(
    Product product, const AccountOptions& options, const exchange::ClientContext& context,
    PrivateSocketHooks hooks) {
  SWITCHYARD_ASSIGN_OR_RETURN(PrivateOptions made, MakePrivateOptions(product, options));
  auto connection =
      std::unique_ptr<PrivateConnection>(new PrivateConnection(std::move(made), context));
  SWITCHYARD_RETURN_IF_ERROR(connection->Compose(std::move(hooks)));
  return connection;
}

absl::Status PrivateConnection::Compose(PrivateSocketHooks hooks) {
  SWITCHYARD_ASSIGN_OR_RETURN(http_, net::HttpClient::Create(rest_thread_.io(), options_.http));
  signed_ = std::make_unique<SignedRest>(
      auth_, clock_,
      [this](net::HttpRequest request, std::chrono::nanoseconds timeout, SignedRest::Done done) {
        http_->Send(std::move(request), timeout,
                    [this, done = std::move(done)](absl::StatusOr<net::HttpResponse> response) {
                      NoteAnswer(response.status());
                      done(std::move(response));
                    });
      },
      [this](std::function<void()> measured) { MeasureClock(std::move(measured)); });
  reader_ =
      std::make_unique<RestReader<SignedRest>>(*signed_, limiter_, clock_, options_.rest_timeout);
  hooks.clock_refused = [this] { rest_thread_.Post([this] { MeasureClock([] {}); }); };
  socket_ = std::make_unique<PrivateSocket>(
      PrivateSocket::Parts{connection_thread_, clock_, context_.metrics, auth_}, options_,
      std::move(hooks));
  return absl::OkStatus();
}

void PrivateConnection::Start() {
  rest_thread_.Start();
  connection_thread_.Start();
  rest_thread_.Post([this] {
    // Signatures need the exchange's time, so that comes first.
    MeasureClock([this] {
      if (!options_.websocket) return;
      connection_thread_.Post([this] { socket_->Open(); });
      if (NeedsUserId(options_.product) && options_.user_id.empty()) LearnUserId(0);
    });
    clock_timer_.Start(kClockInterval, [this] { KeepClock(); });
  });
}

void PrivateConnection::Stop() {
  if (std::exchange(stopped_, true)) return;
  rest_thread_.Run([this] { http_->Close(); });
  rest_thread_.Run([] {});  // behind the answers that closing has posted
  rest_thread_.Stop();
  connection_thread_.Run([this] { socket_->CloseRequests(); });
  connection_thread_.Stop();
  socket_.reset();
}

void PrivateConnection::KeepClock() {
  MeasureClock([this] { clock_timer_.Start(kClockInterval, [this] { KeepClock(); }); });
}

void PrivateConnection::MeasureClock(std::function<void()> measured) {
  const TimeNs asked = context_.clock.Now();
  RestRequest request;
  request.path = paths::kSpotTime;
  http_->Send(
      ToHttpRequest(request), options_.rest_timeout,
      [this, asked, measured = std::move(measured)](absl::StatusOr<net::HttpResponse> response) {
        if (response.ok() && response->status == 200) {
          if (const auto server = ReadServerTime(response->body); server.ok()) {
            // Both ways are taken to last equally long.
            const std::chrono::nanoseconds round_trip = context_.clock.Now() - asked;
            clock_.SetOffset((*server - asked) - round_trip / 2);
          }
        }
        measured();
      });
}

// Two places have it, and a key may be allowed to read but one of them.
void PrivateConnection::LearnUserId(int attempt) {
  RestRequest request;
  request.path = attempt % 2 == 0 ? paths::kAccountDetail : paths::kFuturesAccounts;
  request.limit = attempt % 2 == 0 ? paths::kAccountDetail : paths::kFuturesAccounts;
  DefineReadLimit(request.limit);
  reader_->Read<std::string>(request, &ReadUserId, [this, attempt](absl::StatusOr<std::string> id) {
    if (id.ok()) {
      connection_thread_.Post([this, id = *id] {
        if (!socket_->knows_user_id()) socket_->SetUserId(id);
      });
      return;
    }
    log::Warning(
        "user_id_not_known",
        {{"exchange", options_.exchange}, {"account", options_.account}, {"error", id.status()}});
    const bool other_place = attempt % 2 == 0;
    user_id_timer_.Start(other_place ? std::chrono::nanoseconds(0) : kUserIdRetry,
                         [this, attempt] { LearnUserId(attempt + 1); });
  });
}

void PrivateConnection::NoteAnswer(const absl::Status& status) {
  const auto state =
      status.ok() ? exchange::ConnectionState::kReady : exchange::ConnectionState::kBackoff;
  if (state != rest_status_.state) rest_status_.since = context_.clock.Now();
  rest_status_.state = state;
  rest_status_.last_error = std::string(status.message());
  if (status.ok()) last_answer_at_ = context_.clock.Steady();
}

void PrivateConnection::DefineReadLimit(std::string_view name) {
  if (std::ranges::find(limits_, name) != limits_.end()) return;
  limits_.emplace_back(name);
  const std::int64_t permits =
      std::max<std::int64_t>(1, kReadPermits * options_.limit_share_percent / 100);
  // Cannot fail: both are positive.
  limiter_.Define(name, {permits, kReadWindow}).IgnoreError();
}

void PrivateConnection::Command(RestRequest request, std::string what,
                                std::function<void(CommandOutcome)> done) {
  rest_thread_.Post([this, request = std::move(request), what = std::move(what),
                     done = std::move(done)]() mutable {
    const TimeNs submitted = context_.clock.Now();
    signed_->Send(ToExpiringRequest(request, clock_.Now() + options_.command_timeout),
                  options_.command_timeout,
                  [this, submitted, what = std::move(what),
                   done = std::move(done)](absl::StatusOr<net::HttpResponse> response) mutable {
                    CommandOutcome outcome = SettleCommand(what, std::move(response), clock_.Now(),
                                                           context_.clock.Steady());
                    if (outcome.fate != exchange::CommandFate::kNotSent) {
                      outcome.submit_time = submitted;
                    }
                    connection_thread_.Post(
                        [done = std::move(done), outcome = std::move(outcome)] { done(outcome); });
                  });
  });
}

void PrivateConnection::GetStatus(exchange::Reply<exchange::ClientStatus> reply) {
  connection_thread_.Post([this, reply = std::move(reply)] {
    exchange::ClientStatus status;
    status.connections = socket_->Status();
    status.ready = !options_.websocket || socket_->ready();
    status.clock_offset = clock_.offset();
    rest_thread_.Post([this, reply, status = std::move(status)]() mutable {
      const std::chrono::nanoseconds now = context_.clock.Steady();
      status.connections.push_back(rest_status_);
      if (last_answer_at_.count() != 0) {
        status.connections.back().last_message_age = now - last_answer_at_;
      }
      for (const std::string& name : limits_) {
        status.limits.push_back(
            {"rest:" + name,
             static_cast<std::uint32_t>(std::max<std::int64_t>(limiter_.Headroom(name, now), 0)),
             static_cast<std::uint32_t>(kReadPermits * options_.limit_share_percent / 100),
             static_cast<std::uint32_t>(std::chrono::milliseconds(kReadWindow).count())});
      }
      reply(std::move(status));
    });
  });
}

}  // namespace switchyard::exchanges::gateio
