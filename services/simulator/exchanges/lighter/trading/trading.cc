#include "services/simulator/exchanges/lighter/trading/trading.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "services/simulator/exchanges/lighter/text.h"

namespace switchyard::simulator::lighter {
namespace {

using Json = nlohmann::json;

constexpr char kSendChannel[] = "jsonapi/sendtx";
constexpr char kBatchChannel[] = "jsonapi/sendtxbatch";
// Of one message.
constexpr std::size_t kMaximumBatch = 15;
constexpr std::uint64_t kLargestPage = 1'000;

// The rows of a page, in order. Errors: InvalidArgument, a bad size or token.
template <typename Request, typename Row>
absl::StatusOr<std::vector<Row>> PageOf(const Request& request, const std::vector<Row>& rows,
                                        std::string& next) {
  std::uint64_t skip = 0;
  const std::string& token = request.page_token();
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), skip);
  const bool whole = error == std::errc() && end == token.data() + token.size();
  if (!token.empty() && !whole) return absl::InvalidArgumentError("bad page_token");
  if (request.page_size() > kLargestPage) {
    return absl::InvalidArgumentError("page_size is above 1000");
  }
  const std::uint64_t size = request.page_size() == 0 ? kLargestPage : request.page_size();
  const std::uint64_t first = std::min<std::uint64_t>(skip, rows.size());
  const std::uint64_t last = std::min<std::uint64_t>(skip + size, rows.size());
  if (last < rows.size()) next = std::to_string(last);
  return std::vector<Row>(rows.begin() + static_cast<std::ptrdiff_t>(first),
                          rows.begin() + static_cast<std::ptrdiff_t>(last));
}

// As the simulator calls it: what ListClientOrders documents.
std::string FinishedAs(OrderStatus status) {
  switch (status) {
    case OrderStatus::kInProgress:
    case OrderStatus::kPending:
    case OrderStatus::kOpen:
      return {};
    case OrderStatus::kFilled:
      return "FILLED";
    case OrderStatus::kCanceledSelfTrade:
      return "SELF_TRADE";
    case OrderStatus::kCanceledLiquidation:
      return "LIQUIDATED";
    case OrderStatus::kCanceledReduceOnly:
      return "REDUCE_ONLY";
    case OrderStatus::kCanceledTooMuchSlippage:
    case OrderStatus::kCanceledNotEnoughLiquidity:
      return "IOC";
    default:
      return "CANCELLED";
  }
}

// False: no transaction is in there.
bool ReadTransactions(const SocketTransaction& transaction, std::vector<RawTransaction>& raw) {
  const Json data = Json::parse(transaction.data, nullptr, false);
  if (!data.is_object()) return false;
  if (!transaction.batch) {
    const auto type = data.find("tx_type");
    const auto info = data.find("tx_info");
    // An object, not a text that holds one.
    if (type == data.end() || !type->is_number_integer() || info == data.end() ||
        !info->is_object()) {
      return false;
    }
    raw.push_back({type->get<std::int64_t>(), info->dump()});
    return true;
  }
  const auto types = data.find("tx_types");
  const auto infos = data.find("tx_infos");
  if (types == data.end() || !types->is_string() || infos == data.end() || !infos->is_string()) {
    return false;
  }
  return ReadBatch(types->get<std::string>(), infos->get<std::string>(), raw);
}

}  // namespace

Trading::Trading(const Parts& parts)
    : listings_(parts.listings),
      clock_(parts.clock),
      held_(parts.held),
      channels_(parts.delivery, keys_, parts.faults),
      desk_(parts.listings, parts.clock, channels_, SeededAccounts()),
      transactor_(desk_, keys_, parts.faults, parts.limit_scale),
      rest_({desk_, keys_, transactor_, channels_, parts.held}) {
  channels_.Start(desk_);
}

std::optional<std::int64_t> Trading::AccountOf(const transport::HttpRequest& request) {
  const std::string_view token = request.HeaderValue("Authorization");
  if (token.empty()) return std::nullopt;
  const auto account = keys_.AccountOfToken(token, clock_.NowNs());
  return account.ok() ? std::optional(*account) : std::nullopt;
}

void Trading::OnTick() {
  desk_.OnTick();
  transactor_.OnTick();
  channels_.OnTick();
}

RestingOrder Trading::Resting(engine::OrderId id, engine::Side side) {
  const Order* const order = desk_.FindBooked(id);
  if (order == nullptr) {
    const TradeParty party = FlowParty(id, side, false);
    return {party.order_index, party.account_index, 0, 0, 0};
  }
  return {order->index(), order->account, order->lots, order->asked.order_expiry_ms,
          order->created_ns};
}

absl::StatusOr<v1::ListClientOrdersResponse> Trading::ClientOrders(
    const v1::ListClientOrdersRequest& request) {
  std::vector<const Order*> rows;
  for (const std::int64_t account : desk_.accounts()) {
    if (request.user_id() != 0 && request.user_id() != account) continue;
    const auto& orders = desk_.orders().AllOf(account);
    rows.insert(rows.end(), orders.begin(), orders.end());
  }
  v1::ListClientOrdersResponse response;
  const auto page = PageOf(request, rows, *response.mutable_next_page_token());
  if (!page.ok()) return page.status();
  for (const Order* order : *page) {
    const Listing& listing = *order->listing;
    v1::ClientOrder& row = *response.add_orders();
    row.set_order_id(std::to_string(order->index()));
    row.set_user_id(order->account);
    row.set_text(std::to_string(order->asked.client_order_index));
    row.set_symbol(listing.symbol());
    row.set_buy(!order->asked.is_ask);
    row.set_price(order->is_market() ? "0" : Fixed(order->price, listing.price_scale()));
    row.set_quantity(Fixed(order->lots, listing.size_scale()));
    row.set_filled_quantity(Fixed(order->filled, listing.size_scale()));
    row.set_open(order->is_active());
    row.set_finished_as(FinishedAs(order->status));
    row.set_create_time_ns(order->created_ns);
    row.set_finish_time_ns(order->is_active() ? 0 : order->updated_ns);
    row.set_fills(order->fills);
  }
  return response;
}

absl::StatusOr<v1::ListClientFillsResponse> Trading::ClientFills(
    const v1::ListClientFillsRequest& request) {
  std::vector<std::pair<std::int64_t, const AccountTrade*>> rows;
  for (const std::int64_t account : desk_.accounts()) {
    if (request.user_id() != 0 && request.user_id() != account) continue;
    for (const AccountTrade& trade : desk_.TradesOf(account)) rows.emplace_back(account, &trade);
  }
  v1::ListClientFillsResponse response;
  const auto page = PageOf(request, rows, *response.mutable_next_page_token());
  if (!page.ok()) return page.status();
  for (const auto& [account, row] : *page) {
    const PublicTrade& trade = row->trade;
    const bool asks = trade.ask.account_index == account;
    const TradeParty& own = asks ? trade.ask : trade.bid;
    const engine::Amount value = engine::Amount::Of(
        static_cast<engine::Int128>(trade.trade.price) * trade.trade.quantity, kQuoteDecimals);
    v1::ClientFill& fill = *response.add_fills();
    fill.set_trade_id(std::to_string(trade.id));
    fill.set_order_id(std::to_string(own.order_index));
    fill.set_user_id(account);
    fill.set_text(std::to_string(own.client_order_index));
    fill.set_symbol(row->listing->symbol());
    fill.set_buy(!asks);
    fill.set_maker(asks == trade.is_maker_ask());
    fill.set_price(Fixed(trade.trade.price, row->listing->price_scale()));
    fill.set_quantity(Fixed(trade.trade.quantity, row->listing->size_scale()));
    fill.set_fee(value.PerMillion(own.fee_ppm).Text());
    fill.set_fee_currency("USDC");
    fill.set_time_ns(trade.trade.time_ns);
  }
  return response;
}

absl::Status Trading::PayFunding(const std::string& symbol) {
  for (const auto& listing : listings_.all()) {
    if (listing->is_spot() || (!symbol.empty() && listing->symbol() != symbol)) continue;
    desk_.PayFunding(*listing);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::uint64_t> Trading::StrikeAccounts(const v1::Fault& fault) {
  if (fault.kind() == v1::FAULT_KIND_EXPIRE_SESSION) return keys_.ExpireTokens();
  const bool deleverage = fault.kind() == v1::FAULT_KIND_AUTO_DELEVERAGE;
  std::uint64_t struck = 0;
  for (const std::int64_t account : desk_.accounts()) {
    if (fault.user_id() != 0 && fault.user_id() != account) continue;
    for (const auto& listing : listings_.all()) {
      if (listing->is_spot()) continue;
      if (!fault.symbol().empty() && fault.symbol() != listing->symbol()) continue;
      const std::int64_t lots = fault.amount() * engine::PowerOfTen(listing->size_scale());
      if (desk_.Strike(account, *listing, deleverage, lots)) ++struck;
    }
  }
  return struck;
}

bool Trading::HasChannel(std::string_view name) const {
  return PrivateChannels::IsChannel(name) || name == kSendChannel || name == kBatchChannel;
}

void Trading::Transact(const SocketTransaction& transaction) {
  const auto refuse = [&](Code code, std::string_view message) {
    std::string frame = ErrorFrame(code, message);
    if (!transaction.id.empty()) frame.insert(frame.size() - 1, ",\"id\":" + transaction.id);
    transaction.send(std::move(frame));
  };
  std::vector<RawTransaction> raw;
  if (!ReadTransactions(transaction, raw)) return refuse(Code::kInvalidData, {});
  if (raw.size() > kMaximumBatch) return refuse(Code::kBatchTooLarge, {});
  const std::string_view channel = transaction.batch ? kBatchChannel : kSendChannel;
  const Submission done = transactor_.Submit(raw, {}, channel);
  if (!done.ok()) return refuse(static_cast<Code>(done.code), done.message);
  if (done.fate.swallow || done.fate.lose_answer) {
    if (done.fate.cut) transaction.cut();
    return;
  }
  if (done.fate.error_status != 0) return refuse(Code::kInternal, {});
  std::string answer =
      SubmissionAnswer(done, clock_.NowNs(), transaction.batch, channel, transaction.id);
  if (done.fate.answer_delay_ms == 0) return transaction.send(std::move(answer));
  held_.After(done.fate.answer_delay_ms,
              [send = transaction.send, answer = std::move(answer)] { send(answer); });
}

}  // namespace switchyard::simulator::lighter
