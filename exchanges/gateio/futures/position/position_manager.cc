#include "exchanges/gateio/futures/position/position_manager.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/json/json.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "exchanges/gateio/account/account_book.h"
#include "exchanges/gateio/account/fees.h"
#include "exchanges/gateio/capabilities.h"
#include "exchanges/gateio/endpoints.h"
#include "exchanges/gateio/futures/position/closing_order.h"
#include "exchanges/gateio/futures/position/mark_socket.h"
#include "exchanges/gateio/futures/position/position_history.h"
#include "exchanges/gateio/rest/answer.h"

namespace switchyard::exchanges::gateio::futures {
namespace {

using exchange::CommandFate;
using exchange::CommandResult;
using exchange::PositionsReply;
using exchange::Reply;
using std::chrono::nanoseconds;

// A fee rate is read anew after this long: it moves with the account's VIP level.
constexpr nanoseconds kTakerRateAge = std::chrono::hours(1);

CommandResult ResultOf(CommandOutcome outcome) {
  return {.fate = outcome.fate,
          .status = std::move(outcome.status),
          .report = std::nullopt,
          .submit_time = outcome.submit_time};
}

}  // namespace

PositionManager::PositionManager(Identity identity, exchange::MarketDataClient& market_data)
    : identity_(std::move(identity)), market_data_(market_data) {}

PositionManager::~PositionManager() { Stop(); }

const exchange::Capabilities& PositionManager::capabilities() const { return kFuturesCapabilities; }

void PositionManager::SetLink(std::unique_ptr<AccountLink> link) {
  link_ = std::move(link);
  instruments_ = std::make_unique<InstrumentAccess>(market_data_, link_);
}

void PositionManager::Start(exchange::PositionListener& listener) {
  listener_ = &listener;
  running_ = std::make_unique<Running>(
      identity_, *link_,
      Reconciler::Hooks{
          .read = [this](auto apply, auto fail) { ReadForBook(std::move(apply), std::move(fail)); },
          .stale = [this](model::StaleReason reason) { listener_->OnStale(reason); }});
  marks_ =
      std::make_unique<LiveMarks>(market_data_, link_, std::move(mark_feed_),
                                  [this](const std::string& symbol, const Decimal& price,
                                         const Stamp& stamp) { OnMark(symbol, price, stamp); });
  link_->Start();
  if (!identity_.websocket) link_->Post([this] { OnSocketReady(); });
}

void PositionManager::Stop() {
  if (link_ != nullptr) link_->Stop();
}

void PositionManager::ReadAll(std::function<void(absl::StatusOr<std::vector<RawPosition>>)> done) {
  instruments_->WithTable(
      [this, done](const Table& table) {
        table_ = table;
        link_->Read(GetRequest(paths::kFuturesPositions), [this, table,
                                                           done](absl::StatusOr<std::string> body) {
          if (!body.ok()) return done(body.status());
          const auto list = ParseBody(paths::kFuturesPositions, *body);
          if (!list.ok()) return done(list.status());
          done(ReadPositions(*list, *table, {model::Source::kRest, link_->clock().Steady()}));
        });
      },
      [done](const absl::Status& status) { done(status); });
}

void PositionManager::ListPositions(std::vector<std::string> symbols, nanoseconds max_age,
                                    Reply<PositionsReply> reply) {
  link_->Post([this, symbols = std::move(symbols), max_age, reply = std::move(reply)] {
    const nanoseconds age =
        valid() && identity_.websocket ? link_->SocketAge() : nanoseconds::max();
    if (max_age.count() > 0 && age <= max_age) {
      return reply(PositionsReply{running_->book.List(symbols), model::Source::kWebSocket, age});
    }
    const nanoseconds asked_at = link_->clock().Steady();
    ReadAll([this, symbols, asked_at, reply](absl::StatusOr<std::vector<RawPosition>> all) {
      if (!all.ok()) return reply(all.status());
      // Beside the book, which only its own reads replace: they alone are told to the listener.
      PositionBook answer = running_->book;
      answer.Replace(*std::move(all), link_->clock().Now(), asked_at);
      reply(PositionsReply{answer.List(symbols), model::Source::kRest, {}});
    });
  });
}

void PositionManager::ReadForBook(std::function<void(std::function<void()>)> apply,
                                  std::function<void(const absl::Status&)> fail) {
  const nanoseconds asked_at = link_->clock().Steady();
  ReadAll([this, asked_at, apply, fail](absl::StatusOr<std::vector<RawPosition>> all) {
    if (!all.ok()) return fail(all.status());
    apply([this, asked_at, &all] {
      running_->book.Replace(*std::move(all), link_->clock().Now(), asked_at);
      running_->book.ForgetSummedFunding();
      listener_->OnSnapshot(running_->book.List({}));
      SumFunding();
      marks_->Follow(running_->book.held(), *table_);
      for (auto& [symbol, rate] : taker_rates_) rate.asked = false;
      ReadTakerRates();
    });
  });
}

void PositionManager::OnPositions(const PrivateDelivery& delivery) {
  // Nothing can be understood before the instruments are there; the reading that waits for them
  // comes later than this push.
  if (table_ == nullptr) return;
  auto positions = ReadPositions(delivery.frame.result, *table_,
                                 {model::Source::kWebSocket, link_->clock().Steady()});
  if (!positions.ok()) return link_->OnMalformed(positions.status());
  const auto changed = running_->book.Apply(*std::move(positions), delivery.received);
  if (!valid() || changed.empty()) return;
  listener_->OnChange(changed);
  marks_->Follow(running_->book.held(), *table_);
  ReadTakerRates();
}

void PositionManager::OnBalances(const PrivateDelivery& delivery) {
  if (!valid() || !delivery.frame.result.is_array()) return;
  for (const json::Json& change : delivery.frame.result) {
    if (TextOf(change, "type") != "fund") continue;
    // What a position has paid since its opening is told by REST alone.
    return running_->reconciler.ReadAgain();
  }
}

void PositionManager::SumFunding() {
  for (const PositionBook::FundingGap& gap : running_->book.funding_gaps()) {
    // The account's book does not say which side of a contract paid.
    if (gap.side != common::v1::POSITION_SIDE_NET) continue;
    const model::Instrument* const instrument = table_->Find(gap.symbol);
    if (instrument == nullptr) continue;
    SumFundingPage(gap, instrument->exchange_symbol, Decimal(), "");
  }
}

void PositionManager::SumFundingPage(const PositionBook::FundingGap& gap,
                                     const std::string& contract, const Decimal& sum,
                                     const std::string& page_token) {
  auto request = AccountBookRequest("fund", SelectsByContract(gap.open_time) ? contract : "",
                                    gap.open_time, {}, kLargestAccountPage, page_token);
  if (!request.ok()) return;
  link_->Read(*std::move(request), [=, this, generation = running_->reconciler.generation()](
                                       absl::StatusOr<std::string> body) {
    if (generation != running_->reconciler.generation() || !body.ok()) return;  // it stays untold
    const auto page = DecodeAccountBook(*body, gap.open_time, {}, kLargestAccountPage, page_token);
    if (!page.ok()) return;
    Decimal total = sum;
    for (const BookEntry& entry : page->items) {
      if (entry.type != "fund" || entry.contract != contract) continue;
      const auto next = Decimal::Add(total, entry.change);
      if (!next.ok()) return;
      total = *next;
    }
    if (!page->next_page_token.empty()) {
      return SumFundingPage(gap, contract, total, page->next_page_token);
    }
    running_->book.SetFunding(gap.symbol, gap.side, total,
                              {model::Source::kRest, link_->clock().Steady()});
    const auto changed = running_->book.List({gap.symbol});
    if (valid() && !changed.empty()) listener_->OnChange(changed);
  });
}

void PositionManager::ReadTakerRates() {
  const nanoseconds now = link_->clock().Steady();
  for (const std::string& symbol : running_->book.held()) {
    const model::Instrument* const instrument = table_->Find(symbol);
    if (instrument == nullptr) continue;
    TakerRate& rate = taker_rates_[symbol];
    if (rate.asked || (rate.read_at && now - *rate.read_at < kTakerRateAge)) continue;
    rate.asked = true;
    link_->Read(FeesRequest(Product::kFutures, instrument),
                [this, instrument = *instrument](absl::StatusOr<std::string> body) {
                  // Asked again with the next reading; until then it stays as it was.
                  if (body.ok()) OnFees(instrument, *body);
                });
  }
}

void PositionManager::OnFees(const model::Instrument& instrument, const std::string& body) {
  const auto fees = DecodeFees(body, Product::kFutures, &instrument);
  if (!fees.ok()) return log::Warning("fee_rate_not_read", {{"error", fees.status()}});
  const auto rate = Decimal::Parse(fees->taker_rate());
  if (!rate.ok()) return;
  taker_rates_[instrument.symbol].read_at = link_->clock().Steady();
  if (!running_->book.SetTakerRate(instrument.symbol, *rate)) return;
  const auto changed = running_->book.List({instrument.symbol});
  if (valid() && !changed.empty()) listener_->OnChange(changed);
}

void PositionManager::OnMark(const std::string& symbol, const Decimal& price, const Stamp& stamp) {
  const auto touched = running_->book.Mark(symbol, price, stamp);
  if (valid() && !touched.empty()) listener_->OnMark(touched);
}

void PositionManager::GetStatus(Reply<exchange::ClientStatus> reply) {
  link_->Post([this, reply = std::move(reply)] {
    link_->GetStatus(
        [marks = marks_->Status(), reply](absl::StatusOr<exchange::ClientStatus> status) {
          if (status.ok()) {
            status->connections.insert(status->connections.end(), marks.begin(), marks.end());
          }
          reply(std::move(status));
        });
  });
}

std::string PositionManager::ExchangeClientId(std::string_view request_id) const {
  return ClosingText(request_id);
}

void PositionManager::Close(exchange::CloseCommand command, Reply<CommandResult> reply) {
  const std::string symbol = command.position.symbol();
  instruments_->WithInstrument<CommandResult>(
      symbol,
      // Without an instrument nothing was sent.
      [reply](absl::StatusOr<CommandResult> result) {
        if (result.ok()) return reply(std::move(result));
        reply(CommandResult{.fate = CommandFate::kNotSent,
                            .status = result.status(),
                            .report = std::nullopt,
                            .submit_time = {}});
      },
      [this, command = std::move(command)](const model::Instrument& instrument,
                                           const Reply<CommandResult>& done) {
        auto request = ClosingRequest(command, instrument);
        if (!request.ok()) return done(request.status());
        link_->Command(*std::move(request), "closing " + instrument.symbol,
                       [instrument, done](CommandOutcome outcome) {
                         const std::string body = std::move(outcome.body);
                         CommandResult result = ResultOf(std::move(outcome));
                         if (result.fate == CommandFate::kConfirmed) {
                           // Taken, even where its description cannot be read.
                           auto report = DecodeClosingOrder(body, instrument);
                           if (report.ok()) result.report = *std::move(report);
                         }
                         done(std::move(result));
                       });
      });
}

void PositionManager::FindClose(std::string symbol, std::string exchange_client_id,
                                Reply<CommandResult> reply) {
  instruments_->WithInstrument<CommandResult>(
      symbol, std::move(reply),
      [this, text = std::move(exchange_client_id)](const model::Instrument& instrument,
                                                   const Reply<CommandResult>& done) {
        link_->Read(FindClosingRequest(text), [instrument, done](absl::StatusOr<std::string> body) {
          CommandResult result{.fate = CommandFate::kNotSent,
                               .status = absl::OkStatus(),
                               .report = std::nullopt,
                               .submit_time = {}};
          if (absl::IsNotFound(body.status())) return done(std::move(result));
          if (!body.ok()) return done(body.status());
          auto report = DecodeClosingOrder(*body, instrument);
          if (!report.ok()) return done(report.status());
          result.fate = CommandFate::kConfirmed;
          result.report = *std::move(report);
          done(std::move(result));
        });
      });
}

void PositionManager::AdjustMargin(exchange::MarginCommand command,
                                   Reply<exchange::MarginResult> reply) {
  const std::string symbol = command.symbol;
  instruments_->WithInstrument<exchange::MarginResult>(
      symbol,
      [reply](absl::StatusOr<exchange::MarginResult> result) {
        if (result.ok()) return reply(std::move(result));
        reply(exchange::MarginResult{CommandFate::kNotSent, result.status(), std::nullopt});
      },
      [this, command = std::move(command)](const model::Instrument& instrument,
                                           const Reply<exchange::MarginResult>& done) {
        link_->Command(MarginRequest(command, instrument),
                       "adjusting margin of " + instrument.symbol,
                       [this, done, symbol = command.symbol,
                        side = command.position_side](CommandOutcome outcome) {
                         exchange::MarginResult result{outcome.fate, outcome.status, std::nullopt};
                         const auto list = ParseBody(paths::kFuturesPositions, outcome.body);
                         const auto positions =
                             list.ok() ? ReadPositions(*list, *table_, {})
                                       : absl::StatusOr<std::vector<RawPosition>>(list.status());
                         if (outcome.fate == CommandFate::kConfirmed && positions.ok()) {
                           for (const RawPosition& each : *positions) {
                             const bool same = side != common::v1::POSITION_SIDE_LONG &&
                                                       side != common::v1::POSITION_SIDE_SHORT
                                                   ? true
                                                   : each.side == side;
                             if (each.symbol == symbol && same && each.margin) {
                               result.margin = each.margin->value;
                             }
                           }
                         }
                         done(std::move(result));
                       });
      });
}

void PositionManager::ListFundingPayments(
    exchange::HistoryQuery query, Reply<exchange::Page<position::v1::FundingPayment>> reply) {
  instruments_->WithTable(
      [this, query = std::move(query), reply](const Table& table) {
        const model::Instrument* const instrument = table->Find(query.symbol);
        std::string contract;
        if (instrument != nullptr && SelectsByContract(query.start)) {
          contract = instrument->exchange_symbol;
        }
        auto request = AccountBookRequest("fund", contract, query.start, query.end, query.page_size,
                                          query.page_token);
        if (!request.ok()) return reply(request.status());
        link_->Read(*std::move(request),
                    [this, table, query, reply](absl::StatusOr<std::string> body) {
                      if (!body.ok()) return reply(body.status());
                      auto page = DecodeFunding(*body, *table, query);
                      if (page.ok()) {
                        for (position::v1::FundingPayment& each : page->items) {
                          each.set_exchange(identity_.exchange);
                          each.set_account(identity_.account);
                        }
                      }
                      reply(std::move(page));
                    });
      },
      [reply](const absl::Status& status) { reply(status); });
}

void PositionManager::ListLiquidations(exchange::HistoryQuery query,
                                       Reply<exchange::Page<position::v1::Liquidation>> reply) {
  instruments_->WithTable(
      [this, query = std::move(query), reply](const Table& table) {
        const auto offsets = LiquidationOffsets::Parse(query.page_token);
        if (!offsets.ok()) return reply(offsets.status());
        const model::Instrument* const instrument = table->Find(query.symbol);
        const std::string contract = instrument == nullptr ? "" : instrument->exchange_symbol;
        const RestRequest second = LiquidationsRequest(paths::kFuturesAutoDeleverages, contract,
                                                       query, offsets->auto_deleverages);
        link_->Read(
            LiquidationsRequest(paths::kFuturesLiquidates, contract, query, offsets->liquidates),
            [=, this](absl::StatusOr<std::string> liquidates) {
              if (!liquidates.ok()) return reply(liquidates.status());
              link_->Read(second, [=, this](absl::StatusOr<std::string> deleverages) {
                if (!deleverages.ok()) return reply(deleverages.status());
                auto page = MergeLiquidations(*liquidates, *deleverages,
                                              {*table, link_->clock().Now(), model::Source::kRest},
                                              query, *offsets);
                if (page.ok()) {
                  for (position::v1::Liquidation& each : page->items) {
                    each.set_exchange(identity_.exchange);
                    each.set_account(identity_.account);
                  }
                }
                reply(std::move(page));
              });
            });
      },
      [reply](const absl::Status& status) { reply(status); });
}

absl::StatusOr<std::unique_ptr<exchange::PositionClient>> CreatePositionClient(
    const AccountOptions& options, const exchange::ClientContext& context) {
  SWITCHYARD_ASSIGN_OR_RETURN(const PrivateOptions checked,
                              MakePrivateOptions(Product::kFutures, options));
  auto manager = std::make_unique<PositionManager>(
      PositionManager::Identity{checked.exchange, checked.account, checked.websocket},
      options.market_data);
  PositionManager* const told = manager.get();
  SWITCHYARD_ASSIGN_OR_RETURN(
      auto connection, PrivateConnection::Create(
                           Product::kFutures, options, context,
                           {.ready = [told] { told->OnSocketReady(); },
                            .lost = [told](const absl::Status& why) { told->OnSocketLost(why); }}));
  SWITCHYARD_RETURN_IF_ERROR(connection->Bind(
      "futures.positions", [told](const auto& delivery) { told->OnPositions(delivery); }));
  SWITCHYARD_RETURN_IF_ERROR(connection->Bind(
      "futures.balances", [told](const auto& delivery) { told->OnBalances(delivery); }));
  exchange::IoThread& thread = connection->connection_thread();
  manager->SetLink(std::make_unique<ConnectionLink>(std::move(connection), context.clock));
  if (checked.websocket) {
    manager->SetMarkFeed(MakeMarkSocket(checked, thread, context.clock));
  }
  return std::unique_ptr<exchange::PositionClient>(std::move(manager));
}

}  // namespace switchyard::exchanges::gateio::futures
