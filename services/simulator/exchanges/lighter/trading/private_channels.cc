#include "services/simulator/exchanges/lighter/trading/private_channels.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include "services/simulator/exchanges/lighter/frames.h"
#include "services/simulator/exchanges/lighter/text.h"
#include "services/simulator/exchanges/lighter/trading/account_json.h"

namespace switchyard::simulator::lighter {
namespace {

struct ChannelRow {
  std::string_view name;
  bool of_market;
  bool needs_token;
};

constexpr std::array kRows = std::to_array<ChannelRow>({
    {"account_all", false, false},
    {"user_stats", false, false},
    {"account_market", true, true},
    {"account_orders", true, true},
    {"account_all_orders", false, true},
    {"account_all_trades", false, true},
    {"account_all_positions", false, true},
    {"account_all_assets", false, true},
    {"notification", false, true},
});
constexpr std::size_t kTradesInSnapshot = 50;

const ChannelRow* RowOf(std::string_view name) {
  for (const ChannelRow& row : kRows) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

std::optional<std::int64_t> TakeNumber(std::string_view& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// {"0":[..],"1":[..]}: rows by the market that `market_of` tells, each written by `write`.
template <typename Row, typename MarketOf, typename Write>
void WriteByMarket(JsonWriter& json, const std::vector<const Row*>& rows, MarketOf market_of,
                   Write write) {
  std::map<std::int64_t, std::vector<const Row*>> by_market;
  for (const Row* row : rows) by_market[market_of(*row)].push_back(row);
  json.BeginObject();
  for (const auto& [market, of_market] : by_market) {
    json.Key(std::to_string(market)).BeginArray();
    for (const Row* row : of_market) write(*row);
    json.EndArray();
  }
  json.EndObject();
}

void WriteTrades(JsonWriter& json, const std::vector<const AccountTrade*>& trades) {
  WriteByMarket(
      json, trades, [](const AccountTrade& trade) { return trade.listing->id(); },
      [&](const AccountTrade& trade) { WriteTrade(json, *trade.listing, trade.trade); });
}

// What was traded since the start: the simulator is younger than a day.
void WriteVolumes(JsonWriter& json, Desk& desk, std::int64_t account, bool with_counts) {
  engine::Int128 volume = 0;
  for (const AccountTrade& trade : desk.TradesOf(account)) {
    volume += static_cast<engine::Int128>(trade.trade.trade.price) * trade.trade.trade.quantity;
  }
  const auto count = static_cast<std::int64_t>(desk.TradesOf(account).size());
  for (const std::string period : {"daily", "weekly", "monthly", "total"}) {
    if (with_counts) json.Number(period + "_trades_count", count);
    json.Raw(period + "_volume", engine::DecimalText(volume, kQuoteDecimals));
  }
}

// Newest first.
std::vector<const AccountTrade*> Latest(const std::deque<AccountTrade>& trades) {
  std::vector<const AccountTrade*> latest;
  for (auto row = trades.rbegin(); row != trades.rend(); ++row) {
    if (latest.size() == kTradesInSnapshot) break;
    latest.push_back(&*row);
  }
  return latest;
}

// What a body writes, without its braces.
template <typename Write>
std::string Inside(Write write) {
  std::string text;
  JsonWriter json(text);
  json.BeginObject();
  write(json);
  json.EndObject();
  return text.substr(1, text.size() - 2);
}

}  // namespace

bool PrivateChannels::IsChannel(std::string_view name) { return RowOf(name) != nullptr; }

std::string PrivateChannels::SymbolOf(const AccountTopic& topic) const {
  const Listing* const listing = desk_->listings().Find(topic.market_id);
  return listing == nullptr ? std::string() : listing->symbol();
}

std::optional<AccountTopic> PrivateChannels::Parse(std::string_view text) const {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const ChannelRow* const row = RowOf(text.substr(0, slash));
  if (row == nullptr || slash == text.size()) return std::nullopt;
  AccountTopic topic;
  topic.channel = row->name;
  text.remove_prefix(slash + 1);
  if (row->of_market) {
    const auto market = TakeNumber(text);
    if (!market || desk_->listings().Find(*market) == nullptr || text.empty()) return std::nullopt;
    topic.market_id = *market;
    text.remove_prefix(1);
  }
  const auto account = TakeNumber(text);
  if (!account || !text.empty() || !desk_->HasAccount(*account)) return std::nullopt;
  topic.account = *account;
  return topic;
}

std::string PrivateChannels::FrameChannel(const AccountTopic& topic) {
  // One id alone, the market's where there is one.
  return topic.channel + ":" +
         std::to_string(topic.market_id >= 0 ? topic.market_id : topic.account);
}

std::string PrivateChannels::Refuses(const AccountTopic& topic, std::string_view token) {
  if (!RowOf(topic.channel)->needs_token) return {};
  const auto account = keys_.AccountOfToken(token, desk_->now_ns());
  if (!account.ok()) return std::string(account.status().message());
  return *account == topic.account ? std::string() : "auth token is another account's";
}

std::string PrivateChannels::Frame(const AccountTopic& topic, bool snapshot,
                                   const std::string& body) const {
  const std::string head = Inside([&](JsonWriter& json) {
    json.Text("channel", FrameChannel(topic)).Text("type", FrameType(topic.channel, snapshot));
  });
  return "{" + head + "," + body + "}";
}

void PrivateChannels::Add(const AccountTopic& topic, Subscription& subscription) {
  listeners_[topic].push_back(&subscription);
  delivery_.Deliver(subscription,
                    std::make_shared<const std::string>(Frame(topic, true, Snapshot(topic))));
}

void PrivateChannels::Remove(const AccountTopic& topic, Subscription& subscription) {
  const auto found = listeners_.find(topic);
  if (found == listeners_.end()) return;
  std::erase(found->second, &subscription);
  if (found->second.empty()) listeners_.erase(found);
}

void PrivateChannels::Push(const AccountTopic& topic, const std::string& body) {
  const auto found = listeners_.find(topic);
  if (found == listeners_.end()) return;
  const auto frame = std::make_shared<const std::string>(Frame(topic, false, body));
  for (Subscription* subscription : found->second) delivery_.Deliver(*subscription, frame);
}

std::string PrivateChannels::Snapshot(const AccountTopic& topic) {
  const Listing* const listing = desk_->listings().Find(topic.market_id);
  std::vector<const Order*> active;
  for (const Order* order : desk_->orders().ActiveOf(topic.account, listing)) {
    active.push_back(order);
  }
  std::vector<const AccountTrade*> trades = Latest(desk_->TradesOf(topic.account));
  if (topic.channel == "account_all_trades") return TradesBody(topic.account, trades, true);
  if (topic.channel == "account_all_positions") return PositionsBody(topic.account);
  if (topic.channel == "account_all_assets") return AssetsBody(topic.account);
  if (topic.channel == "user_stats") return StatsBody(topic.account);
  if (topic.channel == "account_all") return AllBody(topic.account, trades);
  if (topic.channel == "notification") return "\"notifs\":[]";
  if (topic.channel == "account_market") {
    std::erase_if(trades, [&](const AccountTrade* trade) { return trade->listing != listing; });
    return MarketBody(topic, active, trades);
  }
  return OrdersBody(topic, active);
}

std::string PrivateChannels::OrdersBody(const AccountTopic& topic,
                                        const std::vector<const Order*>& orders) {
  return Inside([&](JsonWriter& json) {
    if (const Listing* const listing = desk_->listings().Find(topic.market_id)) {
      json.Number("account", topic.account)
          .Number("nonce", static_cast<std::int64_t>(listing->market.sequence()));
    }
    json.Key("orders");
    WriteByMarket(
        json, orders, [](const Order& order) { return order.listing->id(); },
        [&](const Order& order) { WriteOrder(json, order); });
  });
}

std::string PrivateChannels::TradesBody(std::int64_t account,
                                        const std::vector<const AccountTrade*>& trades,
                                        bool with_volumes) {
  return Inside([&](JsonWriter& json) {
    json.Key("trades");
    WriteTrades(json, trades);
    if (with_volumes) WriteVolumes(json, *desk_, account, false);
  });
}

std::string PrivateChannels::PositionsBody(std::int64_t account) {
  return Inside([&](JsonWriter& json) {
    json.Key("positions").BeginObject();
    for (const auto& listing : desk_->listings().all()) {
      // Without what is flat: a market that is missing has no position.
      if (listing->is_spot() || desk_->PositionOf(account, *listing).size == 0) continue;
      json.Key(std::to_string(listing->id()));
      WritePosition(json, *desk_, account, *listing);
    }
    json.EndObject()
        .Key("shares")
        .BeginArray()
        .EndArray()
        .Number("last_funding_round", desk_->now_ns() / 3'600'000'000'000)
        .Text("last_funding_discount", "0");
  });
}

std::string PrivateChannels::AssetsBody(std::int64_t account) {
  return Inside([&](JsonWriter& json) {
    json.Key("assets").BeginObject();
    for (const AssetRow& asset : Assets()) {
      json.Key(std::to_string(asset.id));
      WriteAsset(json, *desk_, account, asset);
    }
    json.EndObject().Number("timestamp", desk_->now_ns() / 1'000'000);
  });
}

std::string PrivateChannels::StatsBody(std::int64_t account) {
  return Inside([&](JsonWriter& json) {
    json.Key("stats");
    WriteUserStats(json, *desk_, account);
    json.Number("timestamp", desk_->now_ns() / 1'000'000);
  });
}

std::string PrivateChannels::AllBody(std::int64_t account,
                                     const std::vector<const AccountTrade*>& trades) {
  return Inside([&](JsonWriter& json) {
    json.Number("account", account).Key("assets").BeginObject();
    for (const AssetRow& asset : Assets()) {
      json.Key(std::to_string(asset.id));
      WriteAsset(json, *desk_, account, asset);
    }
    json.EndObject();
    WriteVolumes(json, *desk_, account, true);
    std::vector<const FundingPayment*> payments;
    for (const FundingPayment& payment : desk_->FundingsOf(account)) payments.push_back(&payment);
    json.Key("funding_histories");
    WriteByMarket(
        json, payments, [](const FundingPayment& payment) { return payment.listing->id(); },
        [&](const FundingPayment& payment) { WriteFunding(json, payment); });
    json.Key("positions").BeginObject();
    for (const auto& listing : desk_->listings().all()) {
      if (listing->is_spot() || !HasPositionRow(*desk_, account, *listing)) continue;
      json.Key(std::to_string(listing->id()));
      WritePosition(json, *desk_, account, *listing);
    }
    json.EndObject().Key("shares").BeginArray().EndArray().Key("trades");
    WriteTrades(json, trades);
  });
}

std::string PrivateChannels::MarketBody(const AccountTopic& topic,
                                        const std::vector<const Order*>& orders,
                                        const std::vector<const AccountTrade*>& trades) {
  const Listing& listing = *desk_->listings().Find(topic.market_id);
  return Inside([&](JsonWriter& json) {
    json.Number("account", topic.account);
    if (listing.is_spot()) {
      json.Key("assets").BeginObject();
      for (const AssetRow& asset : Assets()) {
        json.Key(std::to_string(asset.id));
        WriteAsset(json, *desk_, topic.account, asset);
      }
      json.EndObject().Raw("funding_history", "null").Raw("position", "null");
    } else {
      json.Raw("assets", "null").Key("funding_history").BeginArray();
      for (const FundingPayment& payment : desk_->FundingsOf(topic.account)) {
        if (payment.listing == &listing) WriteFunding(json, payment);
      }
      json.EndArray().Key("position");
      WritePosition(json, *desk_, topic.account, listing);
    }
    json.Key("orders").BeginArray();
    for (const Order* order : orders) WriteOrder(json, *order);
    json.EndArray().Key("trades").BeginArray();
    for (const AccountTrade* trade : trades) WriteTrade(json, listing, trade->trade);
    json.EndArray();
  });
}

void PrivateChannels::OnOrder(const Order& order) {
  const std::int64_t market = order.listing->id();
  const AccountTopic of_market = {"account_orders", order.account, market};
  const AccountTopic all = {"account_all_orders", order.account, -1};
  for (const AccountTopic& topic : {of_market, all}) {
    if (Heard(topic)) Push(topic, OrdersBody(topic, {&order}));
  }
  const AccountTopic topic = {"account_market", order.account, market};
  if (Heard(topic)) Push(topic, MarketBody(topic, {&order}, {}));
}

void PrivateChannels::OnTrade(std::int64_t account, const AccountTrade& trade) {
  const std::string& symbol = trade.listing->symbol();
  if (faults_.Strike(v1::FAULT_KIND_OMIT_FILLS, "lighter", "account_all_trades", symbol) !=
      nullptr) {
    return;
  }
  const AccountTopic trades = {"account_all_trades", account, -1};
  if (Heard(trades)) Push(trades, TradesBody(account, {&trade}, false));
  const AccountTopic all = {"account_all", account, -1};
  if (Heard(all)) Push(all, AllBody(account, {&trade}));
  const AccountTopic market = {"account_market", account, trade.listing->id()};
  if (Heard(market)) Push(market, MarketBody(market, {}, {&trade}));
}

void PrivateChannels::OnPosition(std::int64_t account, const Listing& listing) {
  dirty_positions_.emplace(account, listing.id());
}

void PrivateChannels::OnForcedClose(std::int64_t account, const Listing& listing,
                                    const engine::ForcedClose& close, bool deleverage) {
  forced_[account].push_back({close, deleverage});
  const AccountTopic topic = {"notification", account, -1};
  if (!Heard(topic)) return;
  Push(topic, Inside([&](JsonWriter& json) {
         json.Key("notifs").BeginArray();
         WriteNotification(json, listing, account, close, deleverage);
         json.EndArray();
       }));
}

void PrivateChannels::OnTick() {
  std::set<std::int64_t> accounts;
  for (const auto& [account, market] : std::exchange(dirty_positions_, {})) {
    accounts.insert(account);
    const AccountTopic topic = {"account_market", account, market};
    if (Heard(topic)) Push(topic, MarketBody(topic, {}, {}));
  }
  for (const std::int64_t account : accounts) {
    const AccountTopic topic = {"account_all_positions", account, -1};
    if (Heard(topic)) Push(topic, PositionsBody(account));
    const AccountTopic all = {"account_all", account, -1};
    if (Heard(all)) Push(all, AllBody(account, {}));
  }
  for (const std::int64_t account : std::exchange(dirty_money_, {})) {
    const AccountTopic assets = {"account_all_assets", account, -1};
    if (Heard(assets)) Push(assets, AssetsBody(account));
    const AccountTopic stats = {"user_stats", account, -1};
    if (Heard(stats)) Push(stats, StatsBody(account));
  }
}

}  // namespace switchyard::simulator::lighter
