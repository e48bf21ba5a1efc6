#include "services/simulator/exchanges/lighter/channels.h"

#include <charconv>
#include <map>
#include <vector>

namespace switchyard::simulator::lighter {
namespace {

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t slash = text.find('/');
    words.push_back(text.substr(0, slash));
    if (slash == std::string_view::npos) return words;
    text.remove_prefix(slash + 1);
  }
}

// Null: no number, or no such market.
const Listing* MarketOf(std::string_view word, const Listings& listings) {
  std::int64_t id = -1;
  const auto result = std::from_chars(word.data(), word.data() + word.size(), id);
  if (result.ec != std::errc() || result.ptr != word.data() + word.size()) return nullptr;
  return listings.Find(id);
}

}  // namespace

std::int64_t ResolutionSeconds(std::string_view resolution) {
  static const std::map<std::string_view, std::int64_t> kResolutions = {
      {"1m", 60},     {"5m", 300},     {"15m", 900},   {"30m", 1'800}, {"1h", 3'600},
      {"4h", 14'400}, {"12h", 43'200}, {"1d", 86'400}, {"1w", 604'800}};
  const auto found = kResolutions.find(resolution);
  return found == kResolutions.end() ? 0 : found->second;
}

std::optional<TopicKey> ParseTopic(std::string_view text, const Listings& listings,
                                   std::string& why) {
  const std::vector<std::string_view> words = Words(text);
  const ChannelName* name = nullptr;
  for (const ChannelName& row : kChannels) {
    if (row.name == words.front()) name = &row;
  }
  why = "Invalid Channel";
  if (name == nullptr) return std::nullopt;
  TopicKey key;
  key.channel = name->channel;
  if (key.channel == Channel::kHeight) {
    return words.size() == 1 ? std::optional(key) : std::nullopt;
  }
  const bool candle = key.channel == Channel::kCandle;
  if (words.size() != (candle ? 3 : 2)) return std::nullopt;
  const bool spot_stats = key.channel == Channel::kSpotMarketStats;
  const bool stats = spot_stats || key.channel == Channel::kMarketStats;
  if (stats && words[1] == "all") return key;
  const Listing* const listing = MarketOf(words[1], listings);
  // The exchange's own text, as captured.
  why = "Invalid Channel:  (marketId)";
  if (listing == nullptr || (stats && listing->is_spot() != spot_stats)) return std::nullopt;
  key.market_id = listing->id();
  if (!candle) return key;
  why = "Invalid Channel:  (resolution)";
  if (ResolutionSeconds(words[2]) == 0 || words[2] == "1w") return std::nullopt;
  key.resolution = words[2];
  return key;
}

}  // namespace switchyard::simulator::lighter
