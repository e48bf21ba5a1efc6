#include "services/simulator/exchanges/gateio/trading/ledger_pages.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <string>

#include "services/simulator/exchanges/gateio/trading/credentials.h"

namespace switchyard::simulator::gateio {
namespace {

using engine::DecimalText;

constexpr std::uint64_t kLargestPage = 1'000;

const char* FinishedText(engine::FinishedAs finished) {
  switch (finished) {
    case engine::FinishedAs::kOpen:
      return "";
    case engine::FinishedAs::kFilled:
      return "FILLED";
    case engine::FinishedAs::kCancelled:
      return "CANCELLED";
    case engine::FinishedAs::kIoc:
      return "IOC";
    case engine::FinishedAs::kFok:
      return "FOK";
    case engine::FinishedAs::kSelfTrade:
      return "SELF_TRADE";
    case engine::FinishedAs::kLiquidated:
      return "LIQUIDATED";
    case engine::FinishedAs::kAutoDeleveraged:
      return "AUTO_DELEVERAGED";
    case engine::FinishedAs::kReduceOnly:
      return "REDUCE_ONLY";
    case engine::FinishedAs::kReduceOut:
      return "REDUCE_OUT";
    case engine::FinishedAs::kPositionClosed:
      return "POSITION_CLOSED";
  }
  return "";
}

// A page of rows that are counted through all users: a token is the number of rows before it.
struct Page {
  std::uint64_t skip = 0;
  std::uint64_t size = kLargestPage;
  std::uint64_t next = 0;

  template <typename Request>
  static absl::StatusOr<Page> Of(const Request& request) {
    Page page;
    const std::string& token = request.page_token();
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), page.skip);
    const bool whole = error == std::errc() && end == token.data() + token.size();
    if (!token.empty() && !whole) return absl::InvalidArgumentError("bad page_token");
    if (request.page_size() > kLargestPage) {
      return absl::InvalidArgumentError("page_size is above 1000");
    }
    if (request.page_size() != 0) page.size = request.page_size();
    page.next = page.skip + page.size;
    return page;
  }
};

std::set<engine::UserId> UsersOf(engine::UserId wanted) {
  std::set<engine::UserId> users;
  for (const ApiKey& key : SeededKeys()) {
    if (wanted == 0 || key.user == wanted) users.insert(key.user);
  }
  return users;
}

// Calls `write` for the rows of the page. True: there are more.
template <typename RowsOf, typename Write>
bool WritePage(const Page& page, engine::UserId user, RowsOf rows_of, Write write) {
  std::uint64_t before = 0;
  for (const engine::UserId one : UsersOf(user)) {
    const auto& rows = rows_of(one);
    const std::uint64_t end = before + rows.size();
    for (std::uint64_t i = std::max(before, page.skip); i < std::min(end, page.next); ++i) {
      write(rows[i - before]);
    }
    before = end;
  }
  return before > page.next;
}

}  // namespace

absl::StatusOr<v1::ListClientOrdersResponse> ListOrders(
    const engine::OrderStore& store, const v1::ListClientOrdersRequest& request) {
  const auto page = Page::Of(request);
  if (!page.ok()) return page.status();
  v1::ListClientOrdersResponse response;
  const bool more = WritePage(
      *page,
      request.user_id(), [&](engine::UserId user) -> const auto& { return store.OrdersOf(user); },
      [&](const engine::ClientOrder* order) {
        const engine::MarketSpec& spec = order->market->spec();
        v1::ClientOrder& row = *response.add_orders();
        row.set_order_id(std::to_string(order->id));
        row.set_user_id(order->user);
        row.set_text(order->text);
        row.set_symbol(spec.symbol);
        row.set_buy(order->side == engine::Side::kBuy);
        row.set_price(order->is_market ? "0" : DecimalText(order->price, spec.price_scale));
        row.set_quantity(DecimalText(order->quantity, spec.quantity_scale));
        row.set_filled_quantity(DecimalText(order->filled(), spec.quantity_scale));
        row.set_open(order->is_open());
        row.set_finished_as(FinishedText(order->finished));
        row.set_create_time_ns(order->created_ns);
        row.set_finish_time_ns(order->finished_ns);
        row.set_fills(order->fill_count);
      });
  if (more) response.set_next_page_token(std::to_string(page->next));
  return response;
}

absl::StatusOr<v1::ListClientFillsResponse> ListFills(const engine::OrderStore& store,
                                                      const v1::ListClientFillsRequest& request) {
  const auto page = Page::Of(request);
  if (!page.ok()) return page.status();
  v1::ListClientFillsResponse response;
  const bool more = WritePage(
      *page,
      request.user_id(), [&](engine::UserId user) -> const auto& { return store.FillsOf(user); },
      [&](const engine::ClientFill& fill) {
        const engine::MarketSpec& spec = fill.market->spec();
        v1::ClientFill& row = *response.add_fills();
        row.set_trade_id(std::to_string(fill.trade_id));
        row.set_order_id(std::to_string(fill.order_id));
        row.set_user_id(fill.user);
        row.set_text(fill.text);
        row.set_symbol(spec.symbol);
        row.set_buy(fill.side == engine::Side::kBuy);
        row.set_maker(!fill.taker);
        row.set_price(DecimalText(fill.price, spec.price_scale));
        row.set_quantity(DecimalText(fill.quantity, spec.quantity_scale));
        row.set_fee(fill.fee.Text());
        row.set_fee_currency(fill.fee_currency);
        row.set_time_ns(fill.time_ns);
      });
  if (more) response.set_next_page_token(std::to_string(page->next));
  return response;
}

}  // namespace switchyard::simulator::gateio
