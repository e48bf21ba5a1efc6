#include "exchanges/gateio/futures/account/account_manager.h"

#include <algorithm>
#include <utility>

#include "common/json/json.h"
#include "common/status/status.h"
#include "exchanges/gateio/endpoints.h"
#include "exchanges/gateio/rest/answer.h"

namespace switchyard::exchanges::gateio::futures {
namespace {

namespace v1 = account::v1;
using exchange::CommandFate;
using exchange::Reply;
using exchange::SettingResult;
using exchange::SourcedReply;
using std::chrono::nanoseconds;

constexpr nanoseconds kRefreshInterval = std::chrono::seconds(1);

bool IsHedged(const RawAccount& account) {
  return account.position_mode == v1::POSITION_MODE_HEDGE;
}

SettingResult NotSent(const absl::Status& status) {
  return {CommandFate::kNotSent, status, std::nullopt};
}

// A setting reply that answers errors of what comes before the command as not sent.
Reply<SettingResult> BeforeSending(Reply<SettingResult> reply) {
  return [reply = std::move(reply)](absl::StatusOr<SettingResult> result) {
    reply(result.ok() ? *std::move(result) : NotSent(result.status()));
  };
}

}  // namespace

void AccountManager::Start(exchange::AccountListener& told) {
  margins_ = std::make_unique<IsolatedMargins>(identity().exchange, identity().account,
                                               market_data(), shared_link(), std::move(mark_feed_),
                                               [this](const exchange::IsolatedMargin& margin) {
                                                 if (!reconciler().valid()) return false;
                                                 listener().OnIsolatedMargin(margin);
                                                 return true;
                                               });
  gateio::AccountManager::Start(told);
}

void AccountManager::GetStatus(Reply<exchange::ClientStatus> reply) {
  link().Post([this, reply = std::move(reply)] {
    link().GetStatus(
        [marks = margins_->Status(), reply](absl::StatusOr<exchange::ClientStatus> status) {
          if (status.ok()) {
            status->connections.insert(status->connections.end(), marks.begin(), marks.end());
          }
          reply(std::move(status));
        });
  });
}

void AccountManager::OnPositions(const PrivateDelivery& delivery) {
  const absl::Status read = margins_->OnPush(delivery);
  if (!read.ok()) link().OnMalformed(read);
}

void AccountManager::ReadAccount(std::function<void(absl::StatusOr<RawAccount>)> done) {
  link().Read(GetRequest(paths::kFuturesAccounts),
              [this, done = std::move(done)](absl::StatusOr<std::string> body) {
                if (!body.ok()) return done(body.status());
                auto account = DecodeAccount(*body);
                if (!account.ok()) return done(account.status());
                account->account.set_exchange(identity().exchange);
                account->account.set_account(identity().account);
                account->account.set_can_withdraw(identity().can_withdraw);
                account->account.set_receive_time_ns(link().clock().Now().value);
                account->balance.set_exchange(identity().exchange);
                account->balance.set_account(identity().account);
                latest_ = *account;
                read_at_ = link().clock().Steady();
                done(*std::move(account));
              });
}

void AccountManager::WithAccount(
    nanoseconds max_age, std::function<void(absl::StatusOr<RawAccount>, nanoseconds)> done) {
  link().Post([this, max_age, done = std::move(done)] {
    const nanoseconds age = link().clock().Steady() - read_at_;
    if (latest_ && max_age.count() > 0 && age <= max_age) return done(*latest_, age);
    ReadAccount(
        [done](absl::StatusOr<RawAccount> account) { done(std::move(account), nanoseconds(0)); });
  });
}

void AccountManager::ReadState(std::function<void(std::function<void()>)> apply,
                               std::function<void(const absl::Status&)> fail) {
  instruments().WithTable(
      [this, apply, fail](const InstrumentAccess::Table& table) {
        ReadAccount([this, table, apply, fail](absl::StatusOr<RawAccount> account) {
          if (!account.ok()) return fail(account.status());
          const nanoseconds asked_at = link().clock().Steady();
          link().Read(GetRequest(paths::kFuturesPositions), [this, table, apply, fail, asked_at,
                                                             account = *account](
                                                                absl::StatusOr<std::string> body) {
            if (!body.ok()) return fail(body.status());
            const auto list = ParseBody(paths::kFuturesPositions, *body);
            const auto positions =
                list.ok()
                    ? ReadPositions(*list, *table, {model::Source::kRest, link().clock().Steady()})
                    : absl::StatusOr<std::vector<RawPosition>>(list.status());
            if (!positions.ok()) return fail(positions.status());
            apply([&] {
              v1::AccountSnapshot snapshot;
              *snapshot.mutable_account() = account.account;
              *snapshot.add_balances() = account.balance;
              std::string previous;
              for (const RawPosition& each : *positions) {
                if (std::exchange(previous, each.symbol) == each.symbol) continue;
                const auto setting = LeverageOf(*positions, table->at(each.instrument));
                if (setting) *snapshot.add_leverage_settings() = *setting;
              }
              listener().OnSnapshot(snapshot);
              margins_->OnSnapshot(*positions, asked_at, table);
            });
          });
        });
      },
      fail);
}

void AccountManager::GetAccount(nanoseconds max_age, Reply<SourcedReply<v1::Account>> reply) {
  WithAccount(max_age, [reply = std::move(reply)](absl::StatusOr<RawAccount> account,
                                                  nanoseconds age) {
    if (!account.ok()) return reply(account.status());
    const model::Source source = age.count() == 0 ? model::Source::kRest : model::Source::kCache;
    reply(SourcedReply<v1::Account>{std::move(account->account), source, age});
  });
}

void AccountManager::ListBalances(nanoseconds max_age,
                                  Reply<SourcedReply<std::vector<v1::Balance>>> reply) {
  WithAccount(max_age, [reply = std::move(reply)](absl::StatusOr<RawAccount> account,
                                                  nanoseconds age) {
    if (!account.ok()) return reply(account.status());
    const model::Source source = age.count() == 0 ? model::Source::kRest : model::Source::kCache;
    account->balance.mutable_freshness()->set_age_ns(age.count());
    reply(SourcedReply<std::vector<v1::Balance>>{{std::move(account->balance)}, source, age});
  });
}

void AccountManager::OnBalances(const PrivateDelivery& delivery) {
  auto changes = ReadBalanceChanges(delivery.frame.result);
  if (!changes.ok()) return link().OnMalformed(changes.status());
  if (!reconciler().valid()) return;
  for (v1::BalanceChange& change : *changes) {
    v1::AccountEvent event;
    event.set_exchange_time_ns(change.balance().exchange_time_ns());
    event.set_receive_time_ns(delivery.received.value);
    change.mutable_balance()->set_exchange(identity().exchange);
    change.mutable_balance()->set_account(identity().account);
    *event.mutable_balance_change() = std::move(change);
    listener().OnChange(event);
  }
  RefreshSoon();
}

void AccountManager::RefreshSoon() {
  if (std::exchange(refresh_planned_, true)) return;
  const nanoseconds since = link().clock().Steady() - read_at_;
  const nanoseconds wait = since >= kRefreshInterval ? nanoseconds(0) : kRefreshInterval - since;
  link().After(wait, [this] {
    refresh_planned_ = false;
    ReadAccount([this](absl::StatusOr<RawAccount> account) {
      // What could not be read is read with the next push, and at the next reconnect.
      if (!account.ok() || !reconciler().valid()) return;
      v1::AccountEvent event;
      event.set_receive_time_ns(account->account.receive_time_ns());
      *event.mutable_account_update() = account->account;
      listener().OnChange(event);
      event.clear_payload();
      *event.mutable_balance_change()->mutable_balance() = account->balance;
      listener().OnChange(event);
    });
  });
}

void AccountManager::ReadSetting(const model::Instrument& instrument,
                                 std::function<void(absl::StatusOr<v1::LeverageSetting>)> done) {
  WithAccount(kRefreshInterval, [this, instrument, done = std::move(done)](
                                    absl::StatusOr<RawAccount> account, nanoseconds) {
    if (!account.ok()) return done(account.status());
    const bool is_hedged = IsHedged(*account);
    instruments().WithTable(
        [this, instrument, is_hedged, done](const InstrumentAccess::Table& table) {
          link().Read(PositionsOfRequest(instrument.exchange_symbol, is_hedged),
                      [table, instrument, done](absl::StatusOr<std::string> body) {
                        v1::LeverageSetting unused;
                        unused.set_symbol(instrument.symbol);
                        // A market that was never traded has no setting of its own.
                        if (absl::IsNotFound(body.status())) return done(unused);
                        if (!body.ok()) return done(body.status());
                        const auto list = ParseBody(paths::kFuturesPositions, *body);
                        if (!list.ok()) return done(list.status());
                        const auto positions = ReadPositions(*list, *table, {});
                        if (!positions.ok()) return done(positions.status());
                        done(LeverageOf(*positions, instrument).value_or(unused));
                      });
        },
        [done](const absl::Status& status) { done(status); });
  });
}

void AccountManager::ListLeverage(std::string symbol, Reply<Settings> reply) {
  instruments().WithInstrument<Settings>(
      symbol, std::move(reply),
      [this](const model::Instrument& instrument, const Reply<Settings>& done) {
        ReadSetting(instrument, [done](absl::StatusOr<v1::LeverageSetting> setting) {
          if (!setting.ok()) return done(setting.status());
          done(Settings{*std::move(setting)});
        });
      });
}

void AccountManager::ListBrackets(std::string symbol,
                                  Reply<std::vector<v1::LeverageBracket>> reply) {
  instruments().WithInstrument<std::vector<v1::LeverageBracket>>(
      symbol, std::move(reply), [this](const model::Instrument& instrument, const auto& done) {
        RestRequest request = GetRequest(paths::kFuturesRiskLimitTiers);
        request.query = {{"contract", instrument.exchange_symbol}};
        link().Read(std::move(request), [done](absl::StatusOr<std::string> body) {
          if (!body.ok()) return done(body.status());
          done(DecodeBrackets(*body));
        });
      });
}

void AccountManager::ChangeSetting(const model::Instrument& instrument, RestRequest request,
                                   std::string what, SettingReply reply) {
  link().Command(
      std::move(request), std::move(what),
      [this, instrument, reply = std::move(reply)](const CommandOutcome& outcome) {
        if (outcome.fate != CommandFate::kConfirmed) {
          return reply(SettingResult{outcome.fate, outcome.status, std::nullopt});
        }
        // Its own answer tells one side of two: the market is read anew.
        ReadSetting(instrument, [this, reply](absl::StatusOr<v1::LeverageSetting> setting) {
          SettingResult result{CommandFate::kConfirmed, absl::OkStatus(), std::nullopt};
          if (setting.ok()) {
            result.setting = *setting;
            v1::AccountEvent event;
            event.set_receive_time_ns(link().clock().Now().value);
            *event.mutable_leverage_change() = *setting;
            if (reconciler().valid()) listener().OnChange(event);
          }
          reply(std::move(result));
        });
      });
}

void AccountManager::SetLeverage(std::string symbol, common::v1::PositionSide side,
                                 Decimal leverage, SettingReply reply) {
  instruments().WithInstrument<SettingResult>(
      symbol, BeforeSending(std::move(reply)),
      [this, side, leverage](const model::Instrument& instrument, const SettingReply& done) {
        ReadSetting(instrument, [this, instrument, side, leverage,
                                 done](absl::StatusOr<v1::LeverageSetting> known) {
          if (!known.ok()) return done(known.status());
          LeverageCommand command{.contract = instrument.exchange_symbol,
                                  .leverage = leverage,
                                  .side = side,
                                  .is_hedged = latest_ && IsHedged(*latest_)};
          if (known->margin_mode() == common::v1::MARGIN_MODE_CROSS) {
            command.margin_mode = common::v1::MARGIN_MODE_CROSS;
          }
          ChangeSetting(instrument, LeverageRequest(command),
                        "setting leverage of " + instrument.symbol, done);
        });
      });
}

void AccountManager::SetMarginMode(std::string symbol, common::v1::MarginMode mode,
                                   SettingReply reply) {
  instruments().WithInstrument<SettingResult>(
      symbol, BeforeSending(std::move(reply)),
      [this, mode](const model::Instrument& instrument, const SettingReply& done) {
        ReadSetting(instrument, [this, instrument, mode,
                                 done](absl::StatusOr<v1::LeverageSetting> known) {
          if (!known.ok()) return done(known.status());
          if (known->margin_mode() == mode) {
            return done(SettingResult{CommandFate::kConfirmed, absl::OkStatus(), *known});
          }
          const bool is_hedged = latest_ && IsHedged(*latest_);
          ChangeSetting(instrument, MarginModeRequest(instrument.exchange_symbol, mode, is_hedged),
                        "setting the margin mode of " + instrument.symbol, done);
        });
      });
}

void AccountManager::SetPositionMode(v1::PositionMode mode, SettingReply reply) {
  WithAccount(nanoseconds(0), [this, mode, reply = std::move(reply)](
                                  absl::StatusOr<RawAccount> account, nanoseconds) {
    if (!account.ok()) return reply(NotSent(account.status()));
    if (account->position_mode == mode) {
      return reply(SettingResult{CommandFate::kConfirmed, absl::OkStatus(), std::nullopt});
    }
    link().Command(PositionModeRequest(mode), "setting the position mode",
                   [this, mode, reply](const CommandOutcome& outcome) {
                     if (outcome.fate == CommandFate::kConfirmed) {
                       latest_.reset();
                       v1::AccountEvent event;
                       event.set_receive_time_ns(link().clock().Now().value);
                       event.mutable_position_mode_change()->set_position_mode(mode);
                       if (reconciler().valid()) listener().OnChange(event);
                     }
                     reply(SettingResult{outcome.fate, outcome.status, std::nullopt});
                   });
  });
}

}  // namespace switchyard::exchanges::gateio::futures
