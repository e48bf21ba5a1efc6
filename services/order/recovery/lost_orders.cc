#include "services/order/recovery/lost_orders.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/log/log.h"

namespace switchyard::order {
namespace {

constexpr std::uint32_t kPageSize = 1'000;
// Clocks differ, and an order may be listed later than it was placed.
constexpr std::chrono::minutes kOverlap{2};
// How long after its beginning a journal looks back at each start: clients repeat what they were
// not answered, but not for ever.
constexpr std::chrono::hours kLookedBackFor{24};
// No journal comes so far; an id with a larger number only looks like ours.
constexpr std::uint64_t kNumbersEnd = std::uint64_t{1} << 40;

}  // namespace

void LostOrders::SetBlindness(TimeNs from, TimeNs until) {
  if (!until.given() || desk_.clock.Now() > until + kLookedBackFor) return;
  blind_from_ = from;
  blind_until_ = until;
}

void LostOrders::LookBack(std::function<void(const absl::Status& status)> done) {
  exchange::HistoryQuery query;
  query.start = blind_from_ - kOverlap;
  query.end = blind_until_ + kOverlap;
  query.page_size = kPageSize;
  query.page_token = next_page_;
  using Reports = exchange::Page<model::OrderReport>;
  desk_.client.ListFinishedOrders(
      query, desk_.turns.Reply<Reports>([this, done](absl::StatusOr<Reports> page) {
        const bool cannot = absl::IsUnimplemented(page.status()) ||
                            absl::IsInvalidArgument(page.status()) ||
                            absl::IsPermissionDenied(page.status());
        if (!page.ok() && !cannot) return done(page.status());
        if (cannot) {
          log::Warning(
              "finished_orders_unknown",
              {{"exchange", desk_.exchange}, {"account", desk_.account}, {"error", page.status()}});
        } else {
          for (const model::OrderReport& report : page->items) {
            const OrderRecord* const known = desk_.ledger.FindByExchangeIds(
                report.symbol, report.exchange_order_id, report.exchange_client_id);
            // What was adopted is in the journal, and not by our id.
            if (known == nullptr || known->body_hash.empty()) Note(report.exchange_client_id);
          }
          next_page_ = page->next_page_token;
          if (!next_page_.empty()) return LookBack(done);
        }
        blind_until_ = {};
        done(absl::OkStatus());
      }));
}

void LostOrders::Note(const std::string& exchange_client_id) {
  const std::optional<std::uint64_t> number = desk_.client.NumberOf(exchange_client_id);
  if (!number.has_value() || *number >= kNumbersEnd) return;
  desk_.ledger.SkipNumber(*number);
  const std::string before = desk_.client.ExchangeClientId(*number, {});
  // Where there is no room for it, the id tells nothing of ours.
  if (!exchange_client_id.starts_with(before) || exchange_client_id.size() == before.size()) return;
  const auto [begin, end] = by_start_.equal_range(exchange_client_id.substr(before.size()));
  const bool known = std::any_of(
      begin, end, [&](const auto& entry) { return entry.second == exchange_client_id; });
  if (known) return;
  by_start_.emplace(exchange_client_id.substr(before.size()), exchange_client_id);
  log::Warning("order_of_a_lost_journal", {{"exchange", desk_.exchange},
                                           {"account", desk_.account},
                                           {"exchange_client_id", exchange_client_id}});
}

std::string LostOrders::Find(std::string_view client_order_id) const {
  if (by_start_.empty()) return {};
  for (std::size_t length = 1; length <= client_order_id.size(); ++length) {
    const auto [begin, end] = by_start_.equal_range(client_order_id.substr(0, length));
    for (auto entry = begin; entry != end; ++entry) {
      const auto number = desk_.client.NumberOf(entry->second);
      if (number.has_value() &&
          desk_.client.ExchangeClientId(*number, client_order_id) == entry->second) {
        return entry->second;
      }
    }
  }
  return {};
}

}  // namespace switchyard::order
