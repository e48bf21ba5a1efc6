#include "exchanges/lighter/account/account_client.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/log/log.h"
#include "common/status/status.h"
#include "exchanges/lighter/account/account_answer.h"
#include "exchanges/lighter/account/account_decoder.h"
#include "exchanges/lighter/capabilities.h"
#include "exchanges/lighter/private/private_connection.h"

namespace switchyard::exchanges::lighter {
namespace {

namespace v1 = account::v1;
using exchange::CommandFate;
using exchange::Reply;
using exchange::SourcedReply;
using std::chrono::nanoseconds;
using Balances = std::vector<v1::Balance>;

constexpr nanoseconds kFirstRetry = std::chrono::milliseconds(500);
constexpr nanoseconds kLongestRetry = std::chrono::seconds(30);
// Requests are scarce: what the channels leave out unnoticed is found this often, and so often the
// account is read where there is no socket.
constexpr nanoseconds kAuditInterval = std::chrono::seconds(30);
constexpr nanoseconds kPollInterval = std::chrono::seconds(10);

class AccountClient final : public exchange::AccountClient {
 public:
  static absl::StatusOr<std::unique_ptr<AccountClient>> Create(
      const AccountOptions& options, const exchange::ClientContext& context);
  ~AccountClient() override { AccountClient::Stop(); }

  const exchange::Capabilities& capabilities() const override { return kCapabilities; }
  void Start(exchange::AccountListener& listener) override;
  void Stop() override {
    if (connection_ != nullptr) connection_->Stop();
  }

  void GetAccount(nanoseconds max_age, Reply<SourcedReply<v1::Account>> reply) override;
  void ListBalances(nanoseconds max_age, Reply<SourcedReply<Balances>> reply) override;
  void GetStatus(Reply<exchange::ClientStatus> reply) override {
    connection_->GetStatus(std::move(reply));
  }

  // Not offered.
  void ListLeverage(std::string, Reply<std::vector<v1::LeverageSetting>> reply) override {
    reply(Lacking("leverage"));
  }
  void ListBrackets(std::string, Reply<std::vector<v1::LeverageBracket>> reply) override {
    reply(Lacking("leverage"));
  }
  void SetLeverage(std::string, common::v1::PositionSide, Decimal,
                   Reply<exchange::SettingResult> reply) override {
    RefuseSetting("leverage", reply);
  }
  void SetMarginMode(std::string, common::v1::MarginMode,
                     Reply<exchange::SettingResult> reply) override {
    RefuseSetting("margin modes", reply);
  }
  void SetPositionMode(v1::PositionMode, Reply<exchange::SettingResult> reply) override {
    RefuseSetting("position modes", reply);
  }
  void GetFees(std::vector<std::string>, Reply<std::vector<v1::FeeRates>> reply) override {
    reply(Lacking("fees"));
  }
  void Withdraw(exchange::WithdrawCommand,
                Reply<exchange::FundsResult<v1::Withdrawal>> reply) override {
    reply(exchange::FundsResult<v1::Withdrawal>{CommandFate::kNotSent, Lacking("withdrawals"),
                                                std::nullopt});
  }
  void FindWithdrawal(std::string, Reply<v1::Withdrawal> reply) override {
    reply(Lacking("withdrawals"));
  }
  void ListWithdrawals(exchange::FundsQuery, Reply<exchange::Page<v1::Withdrawal>> reply) override {
    reply(Lacking("withdrawals"));
  }
  void Transfer(exchange::TransferCommand,
                Reply<exchange::FundsResult<v1::Transfer>> reply) override {
    reply(exchange::FundsResult<v1::Transfer>{CommandFate::kNotSent, Lacking("transfers"),
                                              std::nullopt});
  }
  void FindTransfer(exchange::TransferCommand, Reply<v1::Transfer> reply) override {
    reply(Lacking("transfers"));
  }
  void ListTransfers(exchange::FundsQuery, Reply<exchange::Page<v1::Transfer>> reply) override {
    reply(Lacking("transfers"));
  }
  nanoseconds FundsNotReceivedAfter() const override {
    return connection_->account().NotReceivedAfter();
  }

 private:
  using WithAccount = std::function<void(absl::StatusOr<RawAccount>, nanoseconds age)>;

  AccountClient(bool websocket, const exchange::ClientContext& context)
      : websocket_(websocket), clock_(context.clock) {}

  absl::Status Lacking(std::string_view what) const {
    return NotInCapabilities(connection_->account().exchange, what);
  }
  void RefuseSetting(std::string_view what, const Reply<exchange::SettingResult>& reply) const {
    reply(exchange::SettingResult{CommandFate::kNotSent, Lacking(what), std::nullopt});
  }

  // Any thread: the account as it was read at most `max_age` ago, or as it is read now. `done`
  // comes on the connection thread.
  void Within(nanoseconds max_age, WithAccount done);

  // Connection thread from here.
  void OnReady();
  void OnLost(const absl::Status& why);
  void OnFrame(const PrivateFrame& frame, TimeNs received);
  absl::Status OnStats(const PrivateFrame& frame, TimeNs received);
  absl::Status OnAssets(const PrivateFrame& frame, TimeNs received);
  void ReadAccount(Reply<RawAccount> done);
  // Reads the account whole for the listener, and again later.
  void Reconcile();
  void TellSnapshot(const RawAccount& account);
  void Sign(v1::Account& account, TimeNs received) const;
  void Sign(v1::Balance& balance) const;

  const bool websocket_;
  const Clock& clock_;
  std::unique_ptr<PrivateConnection> connection_;
  exchange::AccountListener* listener_ = nullptr;
  std::unique_ptr<exchange::Timer> timer_;
  std::optional<RawAccount> latest_;  // over REST
  nanoseconds read_at_{0};            // steady
  nanoseconds retry_ = kFirstRetry;
  bool valid_ = false;            // the listener was told the state, and may rely on it
  std::uint64_t generation_ = 0;  // changes with every loss and recovery of the socket
};

absl::StatusOr<std::unique_ptr<AccountClient>> AccountClient::Create(
    const AccountOptions& options, const exchange::ClientContext& context) {
  const bool websocket = !options.config.has_websocket() || options.config.websocket();
  auto client = std::unique_ptr<AccountClient>(new AccountClient(websocket, context));
  AccountClient* const self = client.get();
  SWITCHYARD_ASSIGN_OR_RETURN(
      client->connection_,
      PrivateConnection::Create(
          options, context, {Channel::kUserStats, Channel::kAssets},
          {.ready = [self] { self->OnReady(); },
           .lost = [self](const absl::Status& why) { self->OnLost(why); },
           .frame = [self](const PrivateFrame& frame,
                           TimeNs received) { self->OnFrame(frame, received); }}));
  client->timer_ = std::make_unique<exchange::Timer>(client->connection_->connection_thread());
  return client;
}

void AccountClient::Start(exchange::AccountListener& listener) {
  listener_ = &listener;
  connection_->Start();
  if (!websocket_) connection_->connection_thread().Post([this] { OnReady(); });
}

void AccountClient::ReadAccount(Reply<RawAccount> done) {
  const std::int64_t index = connection_->account().owner.account_index;
  const std::string collateral(connection_->collateral());
  connection_->Read<RawAccount>(
      AccountRequest(index),
      [index, collateral](const std::string& body) -> absl::StatusOr<RawAccount> {
        SWITCHYARD_ASSIGN_OR_RETURN(const AccountAnswer answer, ReadAccountAnswer(body, index));
        return DecodeAccount(answer, collateral);
      },
      [this, done = std::move(done)](absl::StatusOr<RawAccount> account) {
        connection_->connection_thread().Post([this, done, account = std::move(account)]() mutable {
          if (!account.ok()) return done(account.status());
          Sign(account->account, clock_.Now());
          for (v1::Balance& balance : account->balances) Sign(balance);
          latest_ = *account;
          read_at_ = clock_.Steady();
          done(*std::move(account));
        });
      });
}

void AccountClient::Sign(v1::Account& account, TimeNs received) const {
  const PrivateAccountOptions& options = connection_->account();
  account.set_exchange(options.exchange);
  account.set_account(options.account);
  account.set_exchange_account_id(std::to_string(options.owner.account_index));
  account.set_receive_time_ns(received.value);
}

void AccountClient::Sign(v1::Balance& balance) const {
  balance.set_exchange(connection_->account().exchange);
  balance.set_account(connection_->account().account);
}

void AccountClient::Within(nanoseconds max_age, WithAccount done) {
  connection_->connection_thread().Post([this, max_age, done = std::move(done)] {
    const nanoseconds age = clock_.Steady() - read_at_;
    if (latest_ && max_age.count() > 0 && age <= max_age) return done(*latest_, age);
    ReadAccount(
        [done](absl::StatusOr<RawAccount> account) { done(std::move(account), nanoseconds(0)); });
  });
}

void AccountClient::GetAccount(nanoseconds max_age, Reply<SourcedReply<v1::Account>> reply) {
  Within(max_age, [reply = std::move(reply)](absl::StatusOr<RawAccount> account, nanoseconds age) {
    if (!account.ok()) return reply(account.status());
    const model::Source source = age.count() == 0 ? model::Source::kRest : model::Source::kCache;
    reply(SourcedReply<v1::Account>{std::move(account->account), source, age});
  });
}

void AccountClient::ListBalances(nanoseconds max_age, Reply<SourcedReply<Balances>> reply) {
  Within(max_age, [reply = std::move(reply)](absl::StatusOr<RawAccount> account, nanoseconds age) {
    if (!account.ok()) return reply(account.status());
    const model::Source source = age.count() == 0 ? model::Source::kRest : model::Source::kCache;
    for (v1::Balance& balance : account->balances) {
      balance.mutable_freshness()->set_age_ns(age.count());
    }
    reply(SourcedReply<Balances>{std::move(account->balances), source, age});
  });
}

void AccountClient::OnReady() {
  ++generation_;
  retry_ = kFirstRetry;
  Reconcile();
}

void AccountClient::OnLost(const absl::Status& why) {
  ++generation_;
  timer_->Cancel();
  if (!std::exchange(valid_, false)) return;
  listener_->OnStale(why.code() == absl::StatusCode::kInternal
                         ? model::StaleReason::kMalformedUpdate
                         : model::StaleReason::kDisconnected);
}

void AccountClient::Reconcile() {
  ReadAccount([this, generation = generation_](absl::StatusOr<RawAccount> account) {
    if (generation != generation_) return;
    if (account.ok()) {
      retry_ = kFirstRetry;
      valid_ = true;
      TellSnapshot(*account);
    } else {
      log::Warning("account_not_read", {{"exchange", connection_->account().exchange},
                                        {"account", connection_->account().account},
                                        {"error", account.status()}});
      // Without a socket an answer is all there is.
      if (!websocket_ && std::exchange(valid_, false)) {
        listener_->OnStale(model::StaleReason::kDisconnected);
      }
    }
    const nanoseconds again = websocket_ ? kAuditInterval : kPollInterval;
    timer_->Start(account.ok() ? again : retry_, [this] { Reconcile(); });
    if (!account.ok()) retry_ = std::min(2 * retry_, kLongestRetry);
  });
}

void AccountClient::TellSnapshot(const RawAccount& account) {
  v1::AccountSnapshot snapshot;
  *snapshot.mutable_account() = account.account;
  for (const v1::Balance& balance : account.balances) *snapshot.add_balances() = balance;
  listener_->OnSnapshot(snapshot);
}

void AccountClient::OnFrame(const PrivateFrame& frame, TimeNs received) {
  // What was told before the first reading, that reading tells.
  if (!valid_) return;
  absl::Status status;
  if (frame.channel == Channel::kUserStats) status = OnStats(frame, received);
  if (frame.channel == Channel::kAssets) status = OnAssets(frame, received);
  if (!status.ok()) connection_->OnMalformed(status);
}

absl::Status AccountClient::OnStats(const PrivateFrame& frame, TimeNs received) {
  SWITCHYARD_ASSIGN_OR_RETURN(v1::Account account,
                              ReadUserStats(frame.body, connection_->collateral()));
  Sign(account, received);
  v1::AccountEvent event;
  event.set_exchange_time_ns(account.exchange_time_ns());
  event.set_receive_time_ns(received.value);
  *event.mutable_account_update() = std::move(account);
  listener_->OnChange(event);
  return absl::OkStatus();
}

absl::Status AccountClient::OnAssets(const PrivateFrame& frame, TimeNs received) {
  const json::Json* const assets = json::Find(frame.body, "assets");
  if (assets == nullptr) return absl::OkStatus();
  SWITCHYARD_ASSIGN_OR_RETURN(Balances balances, ReadAssets(*assets, model::Source::kWebSocket));
  for (v1::Balance& balance : balances) {
    Sign(balance);
    v1::AccountEvent event;
    event.set_receive_time_ns(received.value);
    *event.mutable_balance_change()->mutable_balance() = std::move(balance);
    listener_->OnChange(event);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<exchange::AccountClient>> CreateAccountClient(
    const AccountOptions& options, const exchange::ClientContext& context) {
  SWITCHYARD_ASSIGN_OR_RETURN(std::unique_ptr<AccountClient> client,
                              AccountClient::Create(options, context));
  return client;
}

}  // namespace switchyard::exchanges::lighter
