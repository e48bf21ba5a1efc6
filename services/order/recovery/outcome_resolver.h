#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/order/desk/desk_context.h"
#include "services/order/recovery/report_intake.h"

namespace switchyard::order {

// Finds out what became of orders of which the last word is missing: it asks the exchange for the
// order; where it is not found, also for all open ones, past ones and fills. Nothing is ever sent
// again. "Not received" is concluded only when all four know nothing of it, asked later than the
// exchange may still take the command. Questions come ever more rarely, and never end before the
// answer is known. The owner's thread alone.
class OutcomeResolver {
 public:
  // `known`: the question was answered. False: it could not be asked, and will be again.
  using Done = std::function<void(bool known)>;

  OutcomeResolver(DeskContext& desk, ReportIntake& intake) : desk_(desk), intake_(intake) {}

  // Asks soon, and until it is known. Idempotent.
  void Resolve(std::uint64_t number);
  // Asks at once. An order that is as we believe it to be is left alone.
  void Verify(std::uint64_t number, Done done);
  // The order is terminal, and fills of it are missing.
  void FetchFills(std::uint64_t number);

  void Tick();

 private:
  struct Question {
    int attempts = 0;
    std::chrono::nanoseconds next_at{0};
    bool asking = false;
    std::vector<Done> done;
  };
  struct FillsWanted {
    int attempts = 0;
    std::chrono::nanoseconds next_at{0};
    bool asking = false;
  };
  // One walk through the four sources for an order that GetOrder does not find.
  struct Search {
    std::uint64_t number = 0;
    exchange::OrderReference reference;
    TimeNs asked_at, since;
    int pages = 0;
    bool new_fills = false;  // that nobody had told
  };
  using SearchPtr = std::shared_ptr<Search>;

  void Ask(std::uint64_t number);
  void OnOrder(const SearchPtr& search, absl::StatusOr<model::OrderReport> reply);
  void SearchOpen(const SearchPtr& search);
  void SearchFinished(const SearchPtr& search, const std::string& page_token);
  void SearchFills(const SearchPtr& search, const std::string& page_token);
  void ConcludeAbsent(const SearchPtr& search);
  // The order was found. Whether commands that it does not show can still arrive.
  void ConcludePresent(const SearchPtr& search);
  bool Matches(const Search& search, std::string_view exchange_order_id,
               std::string_view exchange_client_id) const;
  void AskFills(std::uint64_t number, const std::string& page_token);

  void Answered(std::uint64_t number);
  void AskAgain(std::uint64_t number, TimeNs not_before);
  std::chrono::nanoseconds DelayOf(int attempts) const;

  DeskContext& desk_;
  ReportIntake& intake_;
  std::map<std::uint64_t, Question> questions_;
  std::map<std::uint64_t, FillsWanted> fills_;
};

}  // namespace switchyard::order
