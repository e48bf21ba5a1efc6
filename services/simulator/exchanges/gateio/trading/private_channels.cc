#include "services/simulator/exchanges/gateio/trading/private_channels.h"

#include <array>
#include <memory>
#include <set>

#include "services/simulator/exchanges/gateio/channels.h"
#include "services/simulator/json_writer.h"

namespace switchyard::simulator::gateio {

std::string_view ExchangeId(Product product) {
  return product == Product::kSpot ? "gateio" : "gateio_futures";
}

PrivateChannels::PrivateChannels(Product product, const ExchangeClock& clock,
                                 faults::FaultTable& faults)
    : product_(product), clock_(clock), faults_(faults) {}

std::string PrivateChannels::FullName(std::string_view name) const {
  return std::string(Prefix(product_)) + std::string(name);
}

void PrivateChannels::Add(const Key& key, Subscription& subscription, Delivery& delivery,
                          bool decimal_sizes) {
  listeners_[{key.user, key.channel}].push_back(
      {key.symbol, &subscription, &delivery, decimal_sizes});
}

void PrivateChannels::Remove(const Key& key, Subscription& subscription) {
  const auto found = listeners_.find({key.user, key.channel});
  if (found == listeners_.end()) return;
  std::erase_if(found->second,
                [&](const Listener& listener) { return listener.subscription == &subscription; });
  if (found->second.empty()) listeners_.erase(found);
}

bool PrivateChannels::Heard(engine::UserId user, std::string_view name) const {
  return listeners_.contains({user, FullName(name)});
}

transport::Frame PrivateChannels::MakeFrame(const std::string& channel,
                                            const std::string& result) const {
  const std::int64_t now_ms = clock_.NowNs() / 1'000'000;
  auto text = std::make_shared<std::string>();
  JsonWriter(*text)
      .BeginObject()
      .Number("time", now_ms / 1000)
      .Number("time_ms", now_ms)
      .Text("channel", channel)
      .Text("event", "update")
      .Raw("result", result)
      .EndObject();
  return text;
}

void PrivateChannels::Push(engine::UserId user, std::string_view name, const std::string& symbol,
                           const Result& result) {
  const auto found = listeners_.find({user, FullName(name)});
  if (found == listeners_.end()) return;
  std::array<transport::Frame, 2> frames;
  // One that asked for all and for this symbol hears it once.
  std::set<const transport::Socket*> told;
  for (const Listener& listener : found->second) {
    const bool wanted = listener.symbol.empty() || symbol.empty() || listener.symbol == symbol;
    if (!wanted || !told.insert(&listener.subscription->socket).second) continue;
    transport::Frame& frame = frames[listener.decimal_sizes ? 1 : 0];
    if (frame == nullptr) frame = MakeFrame(found->first.second, result(listener.decimal_sizes));
    listener.delivery->Deliver(*listener.subscription, frame);
  }
}

void PrivateChannels::PushFill(engine::UserId user, std::string_view name,
                               const std::string& symbol, const Result& result) {
  if (!Heard(user, name)) return;
  if (faults_.Strike(v1::FAULT_KIND_OMIT_FILLS, ExchangeId(product_), FullName(name), symbol) !=
      nullptr) {
    return;
  }
  Push(user, name, symbol, result);
}

}  // namespace switchyard::simulator::gateio
