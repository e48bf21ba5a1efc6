#include "exchanges/gateio/account/account_manager.h"

#include "common/status/status.h"
#include "exchanges/gateio/account/fees.h"
#include "exchanges/gateio/capabilities.h"

namespace switchyard::exchanges::gateio {

using exchange::CommandFate;
using exchange::Reply;

AccountManager::AccountManager(Product product, Identity identity,
                               exchange::MarketDataClient& market_data)
    : product_(product), identity_(std::move(identity)), market_data_(market_data) {}

AccountManager::~AccountManager() { AccountManager::Stop(); }

void AccountManager::SetLink(std::unique_ptr<AccountLink> link) {
  link_ = std::move(link);
  instruments_ = std::make_unique<InstrumentAccess>(market_data_, link_);
}

const exchange::Capabilities& AccountManager::capabilities() const {
  return product_ == Product::kSpot ? kSpotCapabilities : kFuturesCapabilities;
}

void AccountManager::Start(exchange::AccountListener& listener) {
  listener_ = &listener;
  reconciler_ = std::make_unique<Reconciler>(
      *link_, identity_.exchange + " account " + identity_.account, identity_.websocket,
      Reconciler::Hooks{
          .read = [this](auto apply, auto fail) { ReadState(std::move(apply), std::move(fail)); },
          .stale = [this](model::StaleReason reason) { listener_->OnStale(reason); }});
  link_->Start();
  if (!identity_.websocket) link_->Post([this] { OnSocketReady(); });
}

void AccountManager::Stop() {
  if (link_ != nullptr) link_->Stop();
}

void AccountManager::GetFees(std::vector<std::string> symbols,
                             Reply<std::vector<account::v1::FeeRates>> reply) {
  using Fees = std::vector<account::v1::FeeRates>;
  const auto read = [this, reply](std::optional<model::Instrument> instrument) {
    const model::Instrument* const of = instrument ? &*instrument : nullptr;
    link_->Read(FeesRequest(product_, of),
                [this, instrument, reply](absl::StatusOr<std::string> body) {
                  if (!body.ok()) return reply(body.status());
                  auto fees = DecodeFees(*body, product_, instrument ? &*instrument : nullptr);
                  if (!fees.ok()) return reply(fees.status());
                  reply(Fees{*std::move(fees)});
                });
  };
  if (symbols.empty()) return link_->Post([read] { read(std::nullopt); });
  instruments_->WithInstrument<Fees>(
      symbols.front(), reply,
      [read](const model::Instrument& instrument, const Reply<Fees>&) { read(instrument); });
}

absl::Status AccountManager::Lacking(std::string_view what) const {
  return NotInCapabilities(identity_.exchange, what);
}

void AccountManager::ListLeverage(std::string,
                                  Reply<std::vector<account::v1::LeverageSetting>> reply) {
  reply(Lacking("leverage"));
}
void AccountManager::ListBrackets(std::string,
                                  Reply<std::vector<account::v1::LeverageBracket>> reply) {
  reply(Lacking("leverage"));
}
void AccountManager::SetLeverage(std::string, common::v1::PositionSide, Decimal,
                                 Reply<exchange::SettingResult> reply) {
  reply(exchange::SettingResult{CommandFate::kNotSent, Lacking("leverage"), std::nullopt});
}
void AccountManager::SetMarginMode(std::string, common::v1::MarginMode,
                                   Reply<exchange::SettingResult> reply) {
  reply(exchange::SettingResult{CommandFate::kNotSent, Lacking("margin modes"), std::nullopt});
}
void AccountManager::SetPositionMode(account::v1::PositionMode,
                                     Reply<exchange::SettingResult> reply) {
  reply(exchange::SettingResult{CommandFate::kNotSent, Lacking("position modes"), std::nullopt});
}
void AccountManager::Withdraw(exchange::WithdrawCommand,
                              Reply<exchange::FundsResult<account::v1::Withdrawal>> reply) {
  reply(exchange::FundsResult<account::v1::Withdrawal>{CommandFate::kNotSent,
                                                       Lacking("withdrawals"), std::nullopt});
}
void AccountManager::FindWithdrawal(std::string, Reply<account::v1::Withdrawal> reply) {
  reply(Lacking("withdrawals"));
}
void AccountManager::ListWithdrawals(exchange::FundsQuery,
                                     Reply<exchange::Page<account::v1::Withdrawal>> reply) {
  reply(Lacking("withdrawals"));
}
void AccountManager::Transfer(exchange::TransferCommand,
                              Reply<exchange::FundsResult<account::v1::Transfer>> reply) {
  reply(exchange::FundsResult<account::v1::Transfer>{CommandFate::kNotSent, Lacking("transfers"),
                                                     std::nullopt});
}
void AccountManager::FindTransfer(exchange::TransferCommand, Reply<account::v1::Transfer> reply) {
  reply(Lacking("transfers"));
}
void AccountManager::ListTransfers(exchange::FundsQuery,
                                   Reply<exchange::Page<account::v1::Transfer>> reply) {
  reply(Lacking("transfers"));
}

}  // namespace switchyard::exchanges::gateio
