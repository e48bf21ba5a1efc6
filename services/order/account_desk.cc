#include "services/order/account_desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <future>
#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"
#include "services/order/risk/kill_switch.h"
#include "services/order/risk/ticket.h"
#include "services/order/state/converters.h"

namespace switchyard::order {
namespace {

// Who sets the kill switch by itself.
constexpr std::string_view kGateway = "gateway";
// The dead-man switch is renewed so many times within its span.
constexpr int kRenewals = 3;
// Markets whose quotes are kept; of others they are asked for each time.
constexpr std::size_t kMaxQuoted = 200;

TimeNs TimeOf(const journal::Opening& opening, std::string_view key) {
  const auto found = opening.values.find(key);
  std::int64_t time = 0;
  if (found != opening.values.end()) {
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), time);
  }
  return time;
}

Reconciler::Past PastOf(const journal::Opening& opening, const Clock& clock) {
  Reconciler::Past past{.reconciled_until = TimeOf(opening, journal::kReconciledUntil),
                        .watched_since = TimeOf(opening, journal::kWatchedSince)};
  // What happened before this journal began is not its business.
  if (!past.reconciled_until.given()) past.reconciled_until = clock.Now() + std::chrono::minutes(2);
  return past;
}

risk::OpenOrder ExposureOf(const v1::Order& order) {
  risk::OpenOrder open =
      risk::OpenOrderOf(order.ticket().symbol(), TermsOf(order),
                        DecimalOf(order.remaining_quantity()).value_or(Decimal()));
  open.filled = DecimalOf(order.filled_quantity()).value_or(Decimal());
  return open;
}

}  // namespace

absl::StatusOr<std::unique_ptr<AccountDesk>> AccountDesk::Create(
    DeskSpec spec, std::unique_ptr<exchange::OrderClient> client,
    exchange::MarketDataClient& market_data, metrics::Metrics& metrics, const Clock& clock) {
  OpenJournal opened;
  SWITCHYARD_ASSIGN_OR_RETURN(opened.journal, journal::Journal::Open(spec.journal, clock, metrics));
  SWITCHYARD_ASSIGN_OR_RETURN(opened.opening, opened.journal->WithStore([](journal::Store& store) {
    return store.ReadOpening();
  }));
  std::unique_ptr<AccountDesk> desk(new AccountDesk(
      std::move(spec), std::move(opened), std::move(client), market_data, metrics, clock));
  SWITCHYARD_RETURN_IF_ERROR(desk->Load());
  return desk;
}

AccountDesk::AccountDesk(DeskSpec spec, OpenJournal opened,
                         std::unique_ptr<exchange::OrderClient> client,
                         exchange::MarketDataClient& market_data, metrics::Metrics& metrics,
                         const Clock& clock)
    : spec_(std::move(spec)),
      client_(std::move(client)),
      clock_(clock),
      owner_("orders"),
      reader_("order reads"),
      opening_(std::move(opened.opening)),
      journal_(std::move(opened.journal)),
      log_(spec_.exchange, spec_.account, *journal_, reader_, clock, opening_.last_sequence),
      ledger_(spec_.exchange, spec_.account, *journal_, log_, owner_, clock),
      turns_(owner_, ledger_),
      limits_(spec_.limits, clock),
      sessions_(clock),
      metrics_(metrics, spec_.exchange, spec_.account),
      context_{spec_.exchange, spec_.account, *client_, market_data, ledger_, turns_,
               limits_,        sessions_,     audit_,   metrics_,    clock,   spec_.options},
      resolver_(context_, intake_),
      intake_(context_, [this](std::uint64_t number) { resolver_.FetchFills(number); }),
      commands_(context_, intake_, resolver_, [this] { return CheckAccepting(); }),
      reconciler_(context_, intake_, resolver_, PastOf(opening_, clock),
                  [this](const auto& mismatch) { OnPositionMismatch(mismatch); }),
      requests_(context_),
      reads_(context_, reconciler_, intake_),
      waits_(context_),
      timer_(owner_),
      queue_timer_(owner_) {
  turns_.SetAtEnd([this] { EndTurn(); });
  ledger_.SetObserver([this](const OrderRecord& record) { ObserveOrder(record); });
}

// The journal tells the ledger what becomes of it, also of one that was never started.
AccountDesk::~AccountDesk() {
  Stop();
  journal_->Close();
}

// The threads have not started: whoever makes the desk is its owner for so long.
absl::Status AccountDesk::Load() {
  SWITCHYARD_RETURN_IF_ERROR(ledger_.Load(opening_));
  SWITCHYARD_RETURN_IF_ERROR(requests_.Load());
  const auto found = opening_.values.find(journal::kKillSwitch);
  if (found != opening_.values.end() && !kill_switch_.ParseFromString(found->second)) {
    return absl::DataLossError("journal: the kill switch does not parse");
  }
  if (const auto saved = opening_.values.find(journal::kPositions);
      saved != opening_.values.end()) {
    SWITCHYARD_RETURN_IF_ERROR(audit_.Restore(saved->second));
  }
  intake_.lost().SetBlindness(TimeOf(opening_, journal::kBlindFrom),
                              TimeOf(opening_, journal::kBlindUntil));
  for (const std::uint64_t number : ledger_.OpenNumbers()) {
    const OrderRecord& record = *ledger_.Find(number);
    if (record.body_hash.empty()) intake_.lost().Note(record.order.exchange_client_id());
    limits_.exposure().Put(KeyOf(record), ExposureOf(record.order));
    if (!record.order.ticket().has_cancel_on_disconnect()) continue;
    const v1::CancelOnDisconnect& session = record.order.ticket().cancel_on_disconnect();
    sessions_.Restore(KeyOf(record), session.session_id(), risk::GraceOf(session.grace_ms()));
  }
  return absl::OkStatus();
}

void AccountDesk::Start() {
  started_ = true;
  owner_.Start();
  reader_.Start();
  turns_.Post([this] {
    DoubtPendingCommands();
    // Their doubt is on the disk before anything new happens.
    turns_.Commit([this](const absl::Status&) {
      client_->Start(*this);
      reconciler_.Start();
      ArmTick();
    });
  });
}

void AccountDesk::DoubtPendingCommands() {
  for (const std::uint64_t number : ledger_.OpenNumbers()) {
    OrderRecord& record = *ledger_.Find(number);
    if (record.order.pending() == v1::PENDING_COMMAND_NONE && !record.order.outcome_unknown()) {
      continue;
    }
    exchange::CommandResult result;  // unknown: it was perhaps sent
    // What waited when a backup was made was perhaps sent later.
    const bool waited_at_the_end = number >= ledger_.restored_below();
    if (record.order.pending() != v1::PENDING_COMMAND_NONE && record.command_time == TimeNs() &&
        waited_at_the_end) {
      result = NotSent(MakeError(
          absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_SHUTTING_DOWN,
          "not sent: the process ended while the command waited", {{"exchange", spec_.exchange}}));
    }
    const Cause cause = context_.MakeCause(v1::CHANGE_ORIGIN_RECONCILIATION,
                                           record.order.ticket().symbol(), model::Source::kCache);
    if (result.fate == exchange::CommandFate::kUnknown) record.command_time = cause.now;
    bool changed = false;
    switch (record.order.pending()) {
      case v1::PENDING_COMMAND_SUBMIT:
        changed = ApplyPlaceResult(result, cause, record);
        break;
      case v1::PENDING_COMMAND_AMEND:
        changed = ApplyAmendResult(result, {}, cause, record);
        break;
      default:
        changed = ApplyCancelResult(result, cause, record);
        break;
    }
    if (changed) {
      ledger_.Changed(record, {}, cause.now);
    } else {
      ledger_.ChangedInside(record);
    }
    if (record.order.outcome_unknown()) resolver_.Resolve(number);
  }
}

void AccountDesk::RunAndWait(std::function<void()> work) {
  auto done = std::make_shared<std::promise<void>>();
  turns_.Post([this, work = std::move(work), done] {
    work();
    turns_.Answer([done] { done->set_value(); });
  });
  done->get_future().wait();
}

void AccountDesk::BeginDrain() {
  if (!started_ || stopped_) return;
  auto drained = std::make_shared<std::promise<void>>();
  turns_.Post([this, drained] {
    draining_ = true;
    drain_until_ = clock_.Steady() + spec_.options.drain;
    commands_.RefuseQueued(ShuttingDown(), /*cancels_too=*/false);
    drained_ = [drained] { drained->set_value(); };
    CheckDrained();
  });
  drained->get_future().wait();
}

void AccountDesk::CheckDrained() {
  if (!drained_ || (commands_.under_way() > 0 && clock_.Steady() < drain_until_)) return;
  commands_.RefuseQueued(ShuttingDown(), /*cancels_too=*/true);
  waits_.EndAll();
  turns_.Answer(std::exchange(drained_, {}));
}

void AccountDesk::Stop() {
  if (std::exchange(stopped_, true) || !started_) return;
  client_->Stop();
  // What the client answered last is in the journal before the thread ends.
  RunAndWait([this] {
    timer_.Cancel();
    queue_timer_.Cancel();
    for (const auto& [symbol, reader] : quoted_) context_.market_data.Unsubscribe(reader);
    for (const std::uint64_t number : ledger_.OpenNumbers()) {
      const v1::Order& order = ledger_.Find(number)->order;
      log::Warning("open_at_exit", {{"exchange", spec_.exchange},
                                    {"account", spec_.account},
                                    {"symbol", order.ticket().symbol()},
                                    {"client_order_id", order.ticket().client_order_id()},
                                    {"exchange_order_id", order.exchange_order_id()},
                                    {"outcome_unknown", order.outcome_unknown()}});
    }
  });
  owner_.Stop();
  // What a last turn appended is told to the log, which goes before the journal does.
  journal_->Close();
  reader_.Stop();
}

void AccountDesk::WithMarkets(std::vector<std::string> symbols,
                              std::function<void(const OrderCommands::Markets& markets)> work) {
  if (symbols.empty()) return Post([work = std::move(work)] { work({}); });
  struct Gathered {
    std::size_t missing;
    OrderCommands::Markets markets;
    std::function<void(const OrderCommands::Markets&)> work;
  };
  auto gathered = std::make_shared<Gathered>(Gathered{symbols.size(), {}, std::move(work)});
  turns_.Post([this, symbols] {
    for (const std::string& symbol : symbols) KeepQuoted(symbol);
  });
  for (const std::string& symbol : symbols) {
    exchange::QuoteQuery query;
    query.symbol = symbol;
    context_.market_data.GetQuote(
        query, turns_.Reply<model::Quote>([gathered, symbol](absl::StatusOr<model::Quote> quote) {
          if (quote.ok()) {
            const auto price = [](const model::Level& level, int scale) -> std::optional<Decimal> {
              if (level.quantity == 0) return std::nullopt;
              const auto value = Decimal::FromMantissa(level.price, scale);
              return value.ok() ? std::optional(*value) : std::nullopt;
            };
            gathered->markets[symbol] = {.best_bid = price(quote->bid, quote->price_scale),
                                         .best_ask = price(quote->ask, quote->price_scale),
                                         .source = quote->source,
                                         .age = quote->age};
          }
          if (--gathered->missing == 0) gathered->work(gathered->markets);
        }));
  }
}

void AccountDesk::KeepQuoted(const std::string& symbol) {
  if (quoted_.contains(symbol) || quoted_.size() >= kMaxQuoted) return;
  const auto reader = stream::EventStream::Create({}, counters_, clock_, [] {});
  quoted_.emplace(symbol, reader);
  exchange::TopicRequest topic;
  topic.symbol = symbol;
  topic.channel = exchange::Channel::kBestBidOffer;
  // A reader that has ended counts as one and takes no events: quotes are read when they are
  // needed.
  context_.market_data.Subscribe(
      {topic}, reader,
      [this, symbol, reader](const absl::StatusOr<std::vector<exchange::TopicGrant>>& grants) {
        reader->Finish(absl::OkStatus());
        if (grants.ok() && grants->front().status.ok()) return;
        turns_.Post([this, symbol] { quoted_.erase(symbol); });  // the next order tries again
      });
}

bool AccountDesk::NeedsMarket(v1::OrderType type) const {
  return spec_.limits.collar_on_limit_prices || risk::EndsAsMarket(type);
}

absl::Status AccountDesk::ShuttingDown() const {
  return MakeError(absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_SHUTTING_DOWN,
                   "the process is shutting down; nothing was sent",
                   {{"exchange", spec_.exchange}});
}

absl::Status AccountDesk::CheckAccepting() const {
  if (draining_) return ShuttingDown();
  SWITCHYARD_RETURN_IF_ERROR(risk::CheckKillSwitch(kill_switch_));
  SWITCHYARD_RETURN_IF_ERROR(ledger_.failure());
  return reconciler_.state();
}

void AccountDesk::SetKillSwitch(const v1::KillSwitch& kill_switch) {
  kill_switch_ = kill_switch;
  ledger_.SetKillSwitch(kill_switch);
}

void AccountDesk::OnPositionMismatch(const risk::PositionAudit::Mismatch& mismatch) {
  const bool block = spec_.limits.block_on_position_mismatch;
  log::Error("position_mismatch", {{"exchange", spec_.exchange},
                                   {"account", spec_.account},
                                   {"symbol", mismatch.symbol},
                                   {"expected", mismatch.expected.ToString()},
                                   {"at_exchange", mismatch.exchange_size.ToString()},
                                   {"blocking", block}});
  v1::PositionMismatch told;
  told.set_symbol(mismatch.symbol);
  told.set_expected_size(mismatch.expected.ToString());
  told.set_exchange_size(mismatch.exchange_size.ToString());
  told.set_blocking(block);
  ledger_.AddPositionMismatch(told, clock_.Now());
  // One that is set already is released by somebody who then sees this too.
  if (!block || kill_switch_.engaged()) return;
  v1::KillSwitch kill_switch;
  kill_switch.set_engaged(true);
  kill_switch.set_reason(fmt::format("position mismatch: {} is {} at the exchange, {} by its fills",
                                     mismatch.symbol, mismatch.exchange_size.ToString(),
                                     mismatch.expected.ToString()));
  kill_switch.set_set_by(std::string(kGateway));
  kill_switch.set_change_time_ns(clock_.Now().value);
  SetKillSwitch(kill_switch);
}

void AccountDesk::ObserveOrder(const OrderRecord& record) {
  changed_.push_back(record.number);
  risk::Exposure& exposure = limits_.exposure();
  const std::string key = KeyOf(record);
  exposure.SetFilled(key, DecimalOf(record.order.filled_quantity()).value_or(Decimal()),
                     clock_.Steady());
  if (IsTerminal(record)) {
    exposure.Remove(key);
    sessions_.Unbind(key);
  } else if (exposure.Find(key) == nullptr) {
    exposure.Put(key, ExposureOf(record.order));
  } else if (const auto left = DecimalOf(record.order.remaining_quantity());
             left.has_value() && record.order.pending() != v1::PENDING_COMMAND_AMEND) {
    exposure.SetQuantity(key, *left);
  }
}

void AccountDesk::EndTurn() {
  while (!changed_.empty()) {
    for (const std::uint64_t number : std::exchange(changed_, {})) {
      commands_.OnChanged(number);
      waits_.OnChanged(number);
    }
  }
  ArmQueue();
}

void AccountDesk::ArmQueue() {
  const auto next = commands_.NextQueued();
  if (next == queue_due_) return;
  queue_due_ = next;
  if (!next.has_value()) return queue_timer_.Cancel();
  queue_timer_.Start(std::max(*next - clock_.Steady(), std::chrono::nanoseconds(0)), [this] {
    turns_.Post([this] {
      queue_due_.reset();
      commands_.SendQueued();
    });
  });
}

void AccountDesk::ArmTick() {
  timer_.Start(spec_.options.tick, [this] {
    turns_.Post([this] {
      Tick();
      ArmTick();
    });
  });
}

void AccountDesk::Tick() {
  intake_.Tick();
  resolver_.Tick();
  waits_.Tick();
  commands_.Tick();
  metrics_.queued_commands.Set(static_cast<std::int64_t>(commands_.queued()));
  metrics_.owed_cancels.Set(static_cast<std::int64_t>(commands_.owed_cancels()));
  metrics_.unknown_orders.Set(static_cast<std::int64_t>(ledger_.unknown_orders()));
  metrics_.accepting.Set(std::int64_t{CheckAccepting().ok() ? 1 : 0});
  // A kill switch is somebody's wish, not a fault.
  ready_ = stream_ready_ && !draining_ && ledger_.failure().ok() && reconciler_.state().ok();
  CheckDrained();
  if (draining_) return;
  reconciler_.Tick();
  if (!limit_names_checked_) CheckLimitNames();
  CancelForAbsentClients();
  RenewDeadManSwitch();
}

// A limit of a market that does not exist guards nothing, and nobody would miss it.
void AccountDesk::CheckLimitNames() {
  const std::shared_ptr<const model::InstrumentTable> table = context_.market_data.instruments();
  if (table == nullptr) return;  // not loaded yet
  limit_names_checked_ = true;
  for (const auto& [symbol, limits] : spec_.limits.symbols) {
    if (table->Find(symbol) != nullptr) continue;
    log::Error("risk_symbol_unknown",
               {{"exchange", spec_.exchange}, {"account", spec_.account}, {"symbol", symbol}});
  }
}

void AccountDesk::CancelForAbsentClients() {
  for (const risk::ExpiredSession& session : sessions_.TakeExpired()) {
    log::Warning("client_absent", {{"exchange", spec_.exchange},
                                   {"account", spec_.account},
                                   {"session", session.session_id},
                                   {"orders", session.order_keys.size()}});
    std::vector<std::uint64_t> numbers;
    for (const std::string& key : session.order_keys) numbers.push_back(std::stoull(key));
    commands_.CancelUntilEnded(numbers, v1::FINISH_REASON_CLIENT_DISCONNECTED,
                               v1::CHANGE_ORIGIN_GATEWAY);
  }
}

void AccountDesk::RenewDeadManSwitch() {
  const auto timeout = spec_.options.dead_man_switch;
  const auto now = clock_.Steady();
  if (timeout.count() == 0 || now < dead_man_due_) return;
  dead_man_due_ = now + std::chrono::nanoseconds(timeout) / kRenewals;
  client_->ArmDeadManSwitch(timeout, turns_.Reply<TimeNs>([this](absl::StatusOr<TimeNs> strikes) {
    if (strikes.ok()) {
      dead_man_time_ = *strikes;
    } else if (!std::exchange(dead_man_failed_, true)) {
      log::Error(
          "dead_man_switch_failed",
          {{"exchange", spec_.exchange}, {"account", spec_.account}, {"error", strikes.status()}});
    }
    if (strikes.ok()) dead_man_failed_ = false;
  }));
}

void AccountDesk::OnOrder(const model::OrderReport& report) {
  turns_.Post([this, report] { intake_.TakeReport(report, v1::CHANGE_ORIGIN_EXCHANGE); });
}

void AccountDesk::OnFill(const model::FillReport& fill) {
  turns_.Post([this, fill] { intake_.TakeFill(fill, v1::CHANGE_ORIGIN_EXCHANGE); });
}

void AccountDesk::OnLiquidation(const position::v1::Liquidation& liquidation) {
  turns_.Post([this, liquidation] {
    audit_.Explain(liquidation.symbol());
    ledger_.AddLiquidation(liquidation);
  });
}

void AccountDesk::OnPosition(std::string_view symbol, common::v1::PositionSide side,
                             const Decimal& size) {
  turns_.Post([this, position = risk::PositionSize{std::string(symbol), side, size}] {
    limits_.exposure().SetPosition(position, clock_.Steady());
  });
}

void AccountDesk::OnPrivateStreamReady() {
  turns_.Post([this] {
    stream_ready_ = true;
    reconciler_.Start();
  });
}

void AccountDesk::OnPrivateStreamLost(const absl::Status& why) {
  turns_.Post([this, why] {
    stream_ready_ = false;
    limits_.exposure().PositionsLost(clock_.Steady());
    log::Warning("private_stream_lost",
                 {{"exchange", spec_.exchange}, {"account", spec_.account}, {"error", why}});
  });
}

}  // namespace switchyard::order
