#include "services/router/consolidated_book.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "common/status/status.h"

namespace switchyard::router {
namespace {

struct MergedLevel {
  BookLevel level;
  std::uint32_t leg;
};

struct Exponents {
  int price = 0;
  int quantity = 0;
};

bool IsLive(const MergeLeg& leg) { return leg.description.state() == v1::LEG_STATE_LIVE; }

// The smallest of each, over the live legs.
Exponents CommonExponents(const std::vector<MergeLeg>& legs) {
  std::optional<Exponents> common;
  for (const MergeLeg& leg : legs) {
    if (!IsLive(leg)) continue;
    const Exponents own{leg.book.price_exponent(), leg.book.quantity_exponent()};
    if (!common) common = own;
    common->price = std::min(common->price, own.price);
    common->quantity = std::min(common->quantity, own.quantity);
  }
  return common.value_or(Exponents{});
}

// Appends one leg's levels, the best `depth` of them. False when one does not fit.
bool AppendSide(const LegBook& book, const std::vector<BookLevel>& side, const Exponents& common,
                std::pair<std::uint32_t, std::uint32_t> leg_and_depth,
                std::vector<MergedLevel>* merged) {
  const auto [leg, depth] = leg_and_depth;
  for (std::size_t i = 0; i < side.size() && i < depth; ++i) {
    BookLevel level{};
    if (!Rescale(side[i].price, book.price_exponent(), common.price, &level.price) ||
        !Rescale(side[i].quantity, book.quantity_exponent(), common.quantity, &level.quantity)) {
      return false;
    }
    merged->push_back({level, leg});
  }
  return true;
}

void MarkFailed(v1::Leg* leg) {
  leg->set_state(v1::LEG_STATE_FAILED);
  *leg->mutable_status() =
      ToProto(absl::OutOfRangeError("the leg's values do not fit at the other legs' exponent"));
}

bool HasMixedQuotes(const v1::ConsolidatedBook& book) {
  std::set<std::string> quotes;
  for (const v1::Leg& leg : book.legs()) {
    if (leg.state() == v1::LEG_STATE_LIVE) quotes.insert(leg.quote());
  }
  return quotes.size() > 1;
}

}  // namespace

v1::ConsolidatedBook MergeBooks(const std::vector<MergeLeg>& legs, std::uint32_t depth) {
  v1::ConsolidatedBook book;
  const Exponents common = CommonExponents(legs);
  std::vector<MergedLevel> bids;
  std::vector<MergedLevel> asks;
  for (std::uint32_t i = 0; i < legs.size(); ++i) {
    v1::Leg& shown = *book.add_legs() = legs[i].description;
    if (!IsLive(legs[i])) continue;
    const std::size_t bids_before = bids.size();
    const std::size_t asks_before = asks.size();
    const LegBook& own = legs[i].book;
    if (AppendSide(own, own.bids(), common, {i, depth}, &bids) &&
        AppendSide(own, own.asks(), common, {i, depth}, &asks)) {
      continue;
    }
    bids.resize(bids_before);
    asks.resize(asks_before);
    MarkFailed(&shown);
  }
  // Stable: levels of one price stay in the order of their legs.
  std::stable_sort(bids.begin(), bids.end(), [](const MergedLevel& left, const MergedLevel& right) {
    return left.level.price > right.level.price;
  });
  std::stable_sort(asks.begin(), asks.end(), [](const MergedLevel& left, const MergedLevel& right) {
    return left.level.price < right.level.price;
  });
  book.set_mixed_quotes(HasMixedQuotes(book));
  book.set_depth(depth);
  book.set_price_exponent(common.price);
  book.set_quantity_exponent(common.quantity);
  for (std::size_t i = 0; i < bids.size() && i < depth; ++i) {
    book.add_bid_price_mantissas(bids[i].level.price);
    book.add_bid_quantity_mantissas(bids[i].level.quantity);
    book.add_bid_legs(bids[i].leg);
  }
  for (std::size_t i = 0; i < asks.size() && i < depth; ++i) {
    book.add_ask_price_mantissas(asks[i].level.price);
    book.add_ask_quantity_mantissas(asks[i].level.quantity);
    book.add_ask_legs(asks[i].leg);
  }
  return book;
}

}  // namespace switchyard::router
