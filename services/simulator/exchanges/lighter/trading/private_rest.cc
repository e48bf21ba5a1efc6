#include "services/simulator/exchanges/lighter/trading/private_rest.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "services/simulator/exchanges/lighter/frames.h"
#include "services/simulator/exchanges/lighter/rest.h"
#include "services/simulator/exchanges/lighter/trading/account_json.h"

namespace switchyard::simulator::lighter {
namespace {

using Json = nlohmann::json;
using transport::HttpRequest;
using transport::HttpResponse;

constexpr std::int64_t kMaximumRows = 100;
constexpr std::size_t kMaximumBatch = 50;
constexpr std::int64_t kMaximumAccount = (std::int64_t{1} << 48) - 1;
constexpr std::int64_t kVolumeQuota = 5'000'000;

HttpResponse Refusal(std::string_view message) {
  return ErrorAnswer(Code::kInvalidParameter, message);
}

std::string_view TokenOf(const HttpRequest& request) {
  const std::string_view header = request.HeaderValue("Authorization");
  return header.empty() ? request.Parameter("auth") : header;
}

// Whether market_id and market_type let a market through.
bool Selects(const HttpRequest& request, const Listing& listing) {
  const auto market = NumberParameter(request, "market_id", kAllMarkets, 0, 1 << 20);
  if (market && *market != kAllMarkets && *market != listing.id()) return false;
  const std::string_view type = request.Parameter("market_type");
  return type.empty() || type == "all" || (type == "spot") == listing.is_spot();
}

// A page of rows, newest first: `write` is called for those of the page. Returns the cursor of the
// next one; empty = this is the last. A cursor is the number of rows before it.
template <typename Row, typename Write>
std::string WritePage(const HttpRequest& request, const std::vector<Row>& rows, std::int64_t limit,
                      Write write) {
  const std::int64_t skip = NumberParameter(request, "cursor", 0, 0, INT64_MAX).value_or(0);
  const auto size = static_cast<std::int64_t>(rows.size());
  const std::int64_t end = std::min(size, skip + limit);
  for (std::int64_t i = skip; i < end; ++i) write(rows[static_cast<std::size_t>(size - 1 - i)]);
  return end < size ? std::to_string(end) : std::string();
}

std::string_view FieldOf(std::string_view head, std::string_view name) {
  const std::size_t found = head.find(name);
  if (found == std::string_view::npos) return {};
  head.remove_prefix(found + name.size());
  return head.substr(0, head.find('"'));
}

}  // namespace

HttpRequest FormOf(const HttpRequest& request) {
  HttpRequest form;
  form.headers = request.headers;
  static constexpr std::string_view kBoundary = "boundary=";
  const std::string_view type = request.HeaderValue("Content-Type");
  const std::size_t found = type.find(kBoundary);
  if (found == std::string_view::npos) {
    transport::SplitTarget("?" + request.body, form);
    return form;
  }
  const std::string boundary = "--" + std::string(type.substr(found + kBoundary.size()));
  std::string_view rest = request.body;
  for (std::size_t start; (start = rest.find(boundary)) != std::string_view::npos;) {
    rest.remove_prefix(start + boundary.size());
    const std::string_view part = rest.substr(0, rest.find(boundary));
    const std::size_t blank = part.find("\r\n\r\n");
    const std::size_t end = part.rfind("\r\n");
    if (blank == std::string_view::npos || end < blank + 4) continue;
    const std::string_view name = FieldOf(part.substr(0, blank), "name=\"");
    form.query.emplace_back(name, part.substr(blank + 4, end - blank - 4));
  }
  return form;
}

bool ReadBatch(std::string_view types, std::string_view infos, std::vector<RawTransaction>& out) {
  const Json type_list = Json::parse(types, nullptr, false);
  const Json info_list = Json::parse(infos, nullptr, false);
  if (!type_list.is_array() || !info_list.is_array()) return false;
  for (std::size_t i = 0; i < std::min(type_list.size(), info_list.size()); ++i) {
    if (!type_list[i].is_number_integer() || !info_list[i].is_string()) return false;
    out.push_back({type_list[i].get<std::int64_t>(), info_list[i].get<std::string>()});
  }
  return type_list.size() == info_list.size();
}

std::string SubmissionAnswer(const Submission& submission, std::int64_t now_ns, bool batch,
                             std::string_view type, const std::string& id) {
  std::string text;
  JsonWriter json(text);
  json.BeginObject().Number("code", submission.code);
  if (!id.empty()) json.Raw("id", id);
  if (batch) {
    json.Key("tx_hash").BeginArray();
    for (const std::string& hash : submission.hashes) json.Text(hash);
    json.EndArray();
  } else {
    json.Text("tx_hash", submission.hashes.front());
  }
  json.Number("predicted_execution_time_ms", now_ns / 1'000'000)
      .Number("volume_quota_remaining", kVolumeQuota);
  if (!type.empty()) json.Text("type", type);
  json.EndObject();
  return text;
}

PrivateRest::PrivateRest(const Parts& parts)
    : parts_(parts),
      answers_({{"account", &PrivateRest::Account},
                {"accountsByL1Address", &PrivateRest::SubAccounts},
                {"accountActiveOrders", &PrivateRest::ActiveOrders},
                {"accountInactiveOrders", &PrivateRest::InactiveOrders},
                {"trades", &PrivateRest::Trades},
                {"positionFunding", &PrivateRest::PositionFunding},
                {"liquidations", &PrivateRest::Liquidations},
                {"accountLimits", &PrivateRest::AccountLimits},
                {"nextNonce", &PrivateRest::NextNonce},
                {"apikeys", &PrivateRest::ApiKeys}}) {}

bool PrivateRest::Handle(const Request& request, std::string_view endpoint,
                         const transport::Reply& reply) {
  const bool batch = endpoint == "sendTxBatch";
  if (batch || endpoint == "sendTx") {
    if (request.method == "POST") {
      Send(request, batch, reply);
    } else {
      reply(ErrorAnswer(Code::kNotFound, {}, 405));
    }
    return true;
  }
  const auto found = answers_.find(endpoint);
  if (found == answers_.end()) return false;
  reply(request.method == "GET" ? (this->*found->second)(request)
                                : ErrorAnswer(Code::kNotFound, {}, 405));
  return true;
}

std::int64_t PrivateRest::Authorised(const Request& request, Response& error) {
  const auto account = NumberParameter(request, "account_index", std::nullopt, 0, kMaximumAccount);
  error = Refusal("invalid param: account_index");
  if (!account) return -1;
  const auto owner = parts_.keys.AccountOfToken(TokenOf(request), parts_.desk.now_ns());
  error = Refusal(owner.ok() ? "auth token is another account's"
                             : std::string(owner.status().message()));
  return owner.ok() && *owner == *account ? *account : -1;
}

HttpResponse PrivateRest::Account(const Request& request) {
  const std::string_view by = request.Parameter("by");
  const std::string_view value = request.Parameter("value");
  if ((by != "index" && by != "l1_address") || value.empty()) return Refusal("invalid param");
  std::string body;
  JsonWriter json(body);
  std::vector<std::int64_t> found;
  for (const std::int64_t account : parts_.desk.accounts()) {
    if (value == (by == "index" ? std::to_string(account) : OwnerOf(account))) {
      found.push_back(account);
    }
  }
  if (found.empty()) return ErrorAnswer(Code::kAccountNotFound);
  json.BeginObject()
      .Number("code", 200)
      .Number("total", static_cast<std::int64_t>(found.size()))
      .Key("accounts")
      .BeginArray();
  for (const std::int64_t account : found) {
    WriteAccount(json, parts_.desk, account, parts_.transactor.CancelAllTimeMs(account),
                 request.Parameter("active_only") == "true");
  }
  json.EndArray().EndObject();
  return JsonAnswer(std::move(body));
}

HttpResponse PrivateRest::SubAccounts(const Request& request) {
  const std::string_view owner = request.Parameter("l1_address");
  for (const std::int64_t account : parts_.desk.accounts()) {
    if (OwnerOf(account) != owner) continue;
    std::string body;
    JsonWriter json(body);
    json.BeginObject()
        .Number("code", 200)
        .Text("l1_address", owner)
        .Key("sub_accounts")
        .BeginArray();
    WriteAccount(json, parts_.desk, account, parts_.transactor.CancelAllTimeMs(account), true);
    json.EndArray().EndObject();
    return JsonAnswer(std::move(body));
  }
  return ErrorAnswer(Code::kAccountNotFound);
}

HttpResponse PrivateRest::ActiveOrders(const Request& request) {
  Response error;
  const std::int64_t account = Authorised(request, error);
  if (account < 0) return error;
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Number("code", 200).Key("orders").BeginArray();
  for (const Order* order : parts_.desk.orders().ActiveOf(account, nullptr)) {
    if (Selects(request, *order->listing)) WriteOrder(json, *order);
  }
  json.EndArray().EndObject();
  return JsonAnswer(std::move(body));
}

HttpResponse PrivateRest::InactiveOrders(const Request& request) {
  Response error;
  const std::int64_t account = Authorised(request, error);
  if (account < 0) return error;
  const auto limit = NumberParameter(request, "limit", std::nullopt, 1, kMaximumRows);
  const auto ask = NumberParameter(request, "ask_filter", -1, -1, 1);
  if (!limit || !ask) return Refusal("invalid param: limit");
  std::vector<const Order*> rows;
  for (const Order* order : parts_.desk.orders().AllOf(account)) {
    const bool of_side = *ask < 0 || (*ask == 1) == order->asked.is_ask;
    if (!order->is_active() && of_side && Selects(request, *order->listing)) rows.push_back(order);
  }
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Number("code", 200).Key("orders").BeginArray();
  const std::string next =
      WritePage(request, rows, *limit, [&](const Order* order) { WriteOrder(json, *order); });
  json.EndArray();
  if (!next.empty()) json.Text("next_cursor", next);
  json.EndObject();
  return JsonAnswer(std::move(body));
}

HttpResponse PrivateRest::Trades(const Request& request) {
  const std::string_view sort = request.Parameter("sort_by");
  const auto limit = NumberParameter(request, "limit", std::nullopt, 1, kMaximumRows);
  const auto account = NumberParameter(request, "account_index", -1, -1, kMaximumAccount);
  const bool sorted = sort == "block_height" || sort == "timestamp" || sort == "trade_id";
  if (!sorted || !limit || !account) return Refusal("invalid param");
  if (*account >= 0) return AccountTrades(request, *account, *limit);
  std::vector<std::pair<const Listing*, const PublicTrade*>> rows;
  for (const auto& listing : parts_.desk.listings().all()) {
    if (!Selects(request, *listing)) continue;
    for (const PublicTrade& trade : listing->trades) rows.emplace_back(listing.get(), &trade);
  }
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return std::pair(a.second->trade.time_ns, a.second->id) <
           std::pair(b.second->trade.time_ns, b.second->id);
  });
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Number("code", 200).Key("trades").BeginArray();
  const std::string next = WritePage(
      request, rows, *limit, [&](const auto& row) { WriteTrade(json, *row.first, *row.second); });
  json.EndArray();
  if (!next.empty()) json.Text("next_cursor", next);
  json.EndObject();
  return JsonAnswer(std::move(body));
}

HttpResponse PrivateRest::AccountTrades(const Request& request, std::int64_t account,
                                        std::int64_t limit) {
  Response error;
  if (Authorised(request, error) < 0) return error;
  const auto order = NumberParameter(request, "order_index", 0, 0, INT64_MAX).value_or(0);
  const auto ask_filter = NumberParameter(request, "ask_filter", -1, -1, 1).value_or(-1);
  const std::string_view role = request.Parameter("role");
  std::vector<const AccountTrade*> rows;
  for (const AccountTrade& row : parts_.desk.TradesOf(account)) {
    const PublicTrade& trade = row.trade;
    const bool asks = trade.ask.account_index == account;
    const TradeParty& own = asks ? trade.ask : trade.bid;
    const bool maker = asks == trade.is_maker_ask();
    const bool of_order = order == 0 || own.order_index == order;
    const bool of_side = ask_filter < 0 || (ask_filter == 1) == asks;
    const bool of_role = role.empty() || role == "all" || (role == "maker") == maker;
    if (of_order && of_side && of_role && Selects(request, *row.listing)) rows.push_back(&row);
  }
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Number("code", 200).Key("trades").BeginArray();
  const std::string next = WritePage(request, rows, limit, [&](const AccountTrade* row) {
    WriteTrade(json, *row->listing, row->trade);
  });
  json.EndArray();
  if (!next.empty()) json.Text("next_cursor", next);
  json.EndObject();
  return JsonAnswer(std::move(body));
}

HttpResponse PrivateRest::PositionFunding(const Request& request) {
  Response error;
  const std::int64_t account = Authorised(request, error);
  if (account < 0) return error;
  const auto limit = NumberParameter(request, "limit", std::nullopt, 1, kMaximumRows);
  if (!limit) return Refusal("invalid param: limit");
  const std::string_view side = request.Parameter("side");
  std::vector<const FundingPayment*> rows;
  for (const FundingPayment& payment : parts_.desk.FundingsOf(account)) {
    const bool of_side =
        side.empty() || side == "all" || (side == "short") == (payment.position < 0);
    if (of_side && Selects(request, *payment.listing)) rows.push_back(&payment);
  }
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Number("code", 200).Key("position_fundings").BeginArray();
  const std::string next = WritePage(
      request, rows, *limit, [&](const FundingPayment* payment) { WriteFunding(json, *payment); });
  json.EndArray();
  if (!next.empty()) json.Text("next_cursor", next);
  json.EndObject();
  return JsonAnswer(std::move(body));
}

HttpResponse PrivateRest::Liquidations(const Request& request) {
  Response error;
  const std::int64_t account = Authorised(request, error);
  if (account < 0) return error;
  const auto limit = NumberParameter(request, "limit", std::nullopt, 1, kMaximumRows);
  if (!limit) return Refusal("invalid param: limit");
  std::vector<std::pair<std::int64_t, const PrivateChannels::Forced*>> rows;
  for (const PrivateChannels::Forced& forced : parts_.channels.ForcedOf(account)) {
    const Listing& listing = parts_.desk.listings().Of(*forced.close.before.market);
    const auto id = static_cast<std::int64_t>(rows.size()) + 1;
    if (Selects(request, listing)) rows.emplace_back(id, &forced);
  }
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Number("code", 200).Key("liquidations").BeginArray();
  const std::string next = WritePage(request, rows, *limit, [&](const auto& row) {
    WriteLiquidation(json, parts_.desk, account, row.first, row.second->close,
                     row.second->deleverage);
  });
  json.EndArray();
  if (!next.empty()) json.Text("next_cursor", next);
  json.EndObject();
  return JsonAnswer(std::move(body));
}

HttpResponse PrivateRest::AccountLimits(const Request& request) {
  Response error;
  if (Authorised(request, error) < 0) return error;
  std::string body;
  JsonWriter(body)
      .BeginObject()
      .Number("code", 200)
      .Number("max_llp_percentage", 25)
      .Text("max_llp_amount", "1000000")
      .Text("user_tier", "premium")
      .Text("user_tier_name", "premium")
      .Bool("can_create_public_pool", true)
      .Number("current_maker_fee_tick", Desk::kMakerFee)
      .Number("current_taker_fee_tick", Desk::kTakerFee)
      .Text("effective_lit_stakes", "0")
      .Text("leased_lit", "0")
      .EndObject();
  return JsonAnswer(std::move(body));
}

HttpResponse PrivateRest::NextNonce(const Request& request) {
  const auto account = NumberParameter(request, "account_index", std::nullopt, 0, kMaximumAccount);
  const auto index = NumberParameter(request, "api_key_index", std::nullopt, 0, 255);
  if (!account || !index) return Refusal("invalid param");
  const KeyRing::Key* const key = parts_.keys.FindKey(*account, *index);
  std::string body;
  // An unknown account is answered with 0.
  JsonWriter(body)
      .BeginObject()
      .Number("code", 200)
      .Number("nonce", key == nullptr ? 0 : key->nonce)
      .EndObject();
  return JsonAnswer(std::move(body));
}

HttpResponse PrivateRest::ApiKeys(const Request& request) {
  constexpr std::int64_t kAll = 255;
  const auto account = NumberParameter(request, "account_index", std::nullopt, 0, kMaximumAccount);
  const auto index = NumberParameter(request, "api_key_index", kAll, 0, kAll);
  if (!account || !index) return Refusal("invalid param");
  if (*index != kAll && parts_.keys.FindKey(*account, *index) == nullptr) {
    return ErrorAnswer(Code::kApiKeyNotFound);
  }
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Number("code", 200).Key("api_keys").BeginArray();
  for (const auto& [key_index, key] : parts_.keys.KeysOf(*account)) {
    if (*index != kAll && *index != key_index) continue;
    json.BeginObject()
        .Number("account_index", *account)
        .Number("api_key_index", key_index)
        .Number("nonce", key.nonce)
        .Text("public_key", key.key.Hex())
        .Number("transaction_time", 0)
        .EndObject();
  }
  json.EndArray().EndObject();
  return JsonAnswer(std::move(body));
}

void PrivateRest::Send(const Request& request, bool batch, const transport::Reply& reply) {
  const HttpRequest form = FormOf(request);
  std::vector<RawTransaction> raw;
  if (batch) {
    if (!ReadBatch(form.Parameter("tx_types"), form.Parameter("tx_infos"), raw)) {
      return reply(ErrorAnswer(Code::kBatchLengthMismatch));
    }
    if (raw.size() > kMaximumBatch) return reply(ErrorAnswer(Code::kBatchTooLarge));
  } else {
    const auto type = NumberParameter(form, "tx_type", std::nullopt, 0, 255);
    if (!type) return reply(ErrorAnswer(Code::kUnsupportedTxType));
    raw.push_back({*type, std::string(form.Parameter("tx_info"))});
  }
  const Submission done = parts_.transactor.Submit(raw, request.path, {});
  Response response;
  if (!done.ok()) {
    response = ErrorAnswer(static_cast<Code>(done.code), done.message,
                           done.code == static_cast<int>(Code::kTooManyRequests) ? 429 : 400);
    return reply(std::move(response));
  }
  response = JsonAnswer(SubmissionAnswer(done, parts_.desk.now_ns(), batch, {}, {}));
  if (done.fate.swallow || done.fate.lose_answer) {
    response.cut = true;
    // A connection that is left waiting ends with its client, or with the simulator.
    if (!done.fate.cut)
      return parts_.held.After(kUnansweredMs, [reply, response] { reply(response); });
    return reply(std::move(response));
  }
  if (done.fate.error_status != 0) {
    response = ErrorAnswer(Code::kInternal, {}, done.fate.error_status);
  }
  if (done.fate.answer_delay_ms == 0) return reply(std::move(response));
  parts_.held.After(done.fate.answer_delay_ms, [reply, response] { reply(response); });
}

}  // namespace switchyard::simulator::lighter
