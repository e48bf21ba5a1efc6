#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "common/exchange/position_client.h"

namespace switchyard::testing {

// A position of `size` base units (negative = short) entered at 100, from the socket, 5 ms old.
inline position::v1::Position MakePosition(const std::string& symbol, const std::string& size,
                                           common::v1::PositionSide side) {
  position::v1::Position out;
  out.set_exchange("alpha");
  out.set_account("main");
  out.set_symbol(symbol);
  out.set_position_side(side);
  out.set_settle_currency("USDT");
  const bool is_short = size.starts_with('-');
  if (size != "0") out.set_side(is_short ? common::v1::SIDE_SELL : common::v1::SIDE_BUY);
  const auto fill = [](common::v1::SourcedDecimal& target, const std::string& value) {
    target.set_value(value);
    target.set_source(common::v1::SOURCE_WEBSOCKET);
    target.set_age_ns(5'000'000);
  };
  fill(*out.mutable_size(), is_short ? size.substr(1) : size);
  fill(*out.mutable_entry_price(), "100");
  fill(*out.mutable_mark_price(), "101");
  return out;
}

// An account made of canned answers, given at once on the caller's thread. Any thread.
class FakePositionClient final : public exchange::PositionClient {
 public:
  explicit FakePositionClient(const exchange::Capabilities& capabilities)
      : capabilities_(capabilities) {}

  // Canned answers; set before the calls that they are for.
  absl::StatusOr<exchange::PositionsReply> positions = exchange::PositionsReply{};
  absl::StatusOr<exchange::CommandResult> close_result =
      exchange::CommandResult{.fate = exchange::CommandFate::kConfirmed,
                              .status = absl::OkStatus(),
                              .report = ReportOf("x-1"),
                              .submit_time = {}};
  absl::StatusOr<exchange::CommandResult> find_result =
      exchange::CommandResult{.fate = exchange::CommandFate::kNotSent,
                              .status = absl::OkStatus(),
                              .report = std::nullopt,
                              .submit_time = {}};
  absl::StatusOr<exchange::MarginResult> margin_result = exchange::MarginResult{
      .fate = exchange::CommandFate::kConfirmed, .status = absl::OkStatus(), .margin = {}};
  absl::StatusOr<exchange::Page<position::v1::FundingPayment>> funding =
      exchange::Page<position::v1::FundingPayment>{};
  absl::StatusOr<exchange::Page<position::v1::Liquidation>> liquidations =
      exchange::Page<position::v1::Liquidation>{};
  // Keeps the answer of Close until it is called.
  bool hold_close = false;
  std::function<void()> release_close;

  // What was asked.
  std::vector<exchange::CloseCommand> closes;
  std::vector<exchange::MarginCommand> margins;
  std::vector<std::string> finds;
  std::vector<std::chrono::nanoseconds> max_ages;
  exchange::HistoryQuery last_history;
  exchange::PositionListener* listener = nullptr;

  static model::OrderReport ReportOf(const std::string& exchange_order_id) {
    model::OrderReport report;
    report.exchange_order_id = exchange_order_id;
    return report;
  }

  const exchange::Capabilities& capabilities() const override { return capabilities_; }
  void Start(exchange::PositionListener& told) override { listener = &told; }
  void Stop() override {}
  void ListPositions(std::vector<std::string> symbols, std::chrono::nanoseconds max_age,
                     exchange::Reply<exchange::PositionsReply> reply) override {
    max_ages.push_back(max_age);
    absl::StatusOr<exchange::PositionsReply> answer = positions;
    if (answer.ok() && !symbols.empty()) {
      std::erase_if(answer->positions, [&](const auto& each) {
        return std::find(symbols.begin(), symbols.end(), each.symbol()) == symbols.end();
      });
    }
    reply(std::move(answer));
  }
  std::string ExchangeClientId(std::string_view request_id) const override {
    return "id-of-" + std::string(request_id);
  }
  void Close(exchange::CloseCommand command,
             exchange::Reply<exchange::CommandResult> reply) override {
    closes.push_back(std::move(command));
    release_close = [this, reply = std::move(reply)] { reply(close_result); };
    if (!hold_close) release_close();
  }
  void FindClose(std::string symbol, std::string exchange_client_id,
                 exchange::Reply<exchange::CommandResult> reply) override {
    finds.push_back(symbol + " " + exchange_client_id);
    reply(find_result);
  }
  void AdjustMargin(exchange::MarginCommand command,
                    exchange::Reply<exchange::MarginResult> reply) override {
    margins.push_back(std::move(command));
    reply(margin_result);
  }
  void ListFundingPayments(
      exchange::HistoryQuery query,
      exchange::Reply<exchange::Page<position::v1::FundingPayment>> reply) override {
    last_history = std::move(query);
    reply(funding);
  }
  void ListLiquidations(exchange::HistoryQuery query,
                        exchange::Reply<exchange::Page<position::v1::Liquidation>> reply) override {
    last_history = std::move(query);
    reply(liquidations);
  }
  void GetStatus(exchange::Reply<exchange::ClientStatus> reply) override {
    reply(exchange::ClientStatus{});
  }

 private:
  const exchange::Capabilities& capabilities_;
};

}  // namespace switchyard::testing
