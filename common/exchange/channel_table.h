#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace switchyard::exchange {

// Handlers of an exchange's channels, bound by house name with or without a symbol: a vector by
// channel and instrument index, so that a frame costs one look-up and one call. A handler bound for
// a symbol goes before the one bound for all. Connection thread.
//
// Names: `std::optional<std::size_t> ChannelIndex(std::string_view)` (below kChannels; none: no
// such channel) and `std::optional<std::uint32_t> InstrumentIndex(std::string_view)`.
template <typename Names, typename Message>
class ChannelTable {
 public:
  using Handler = std::function<void(const Message&)>;

  explicit ChannelTable(const Names& names) : names_(names) {}

  // Routes every later frame of `channel` (of `symbol`, or of all where empty) to `handler`.
  // Errors: InvalidArgument, no such channel or no handler; NotFound, no such symbol;
  // AlreadyExists, bound.
  absl::Status Bind(std::string_view channel, std::string_view symbol, Handler handler) {
    if (!handler) return absl::InvalidArgumentError("no handler for channel " + Name(channel));
    Slot* slot = nullptr;
    if (absl::Status status = Find(channel, symbol, &slot); !status.ok()) return status;
    if (slot->handler != nullptr) {
      return absl::AlreadyExistsError(Name(channel, symbol) + " is bound already");
    }
    slot->handler = std::make_shared<Handler>(std::move(handler));
    ++bound_;
    return absl::OkStatus();
  }

  // Safe inside a handler: the running one ends its frame.
  // Errors: InvalidArgument, no such channel; NotFound, nothing bound.
  absl::Status Unbind(std::string_view channel, std::string_view symbol) {
    Slot* slot = nullptr;
    if (absl::Status status = Find(channel, symbol, &slot); !status.ok()) return status;
    if (slot->handler == nullptr) {
      return absl::NotFoundError("nothing is bound to " + Name(channel, symbol));
    }
    slot->handler.reset();
    --bound_;
    return absl::OkStatus();
  }

  // False where nothing is bound.
  bool Dispatch(std::size_t channel, std::uint32_t instrument, const Message& message) {
    Row& row = rows_[channel];
    // Held for the call, so that a handler may unbind itself.
    std::shared_ptr<Handler> handler;
    if (instrument < row.by_instrument.size()) handler = row.by_instrument[instrument].handler;
    if (handler == nullptr) handler = row.all.handler;
    if (handler == nullptr) return false;
    (*handler)(message);
    return true;
  }

  std::size_t bound() const { return bound_; }

 private:
  struct Slot {
    std::shared_ptr<Handler> handler;
  };
  struct Row {
    Slot all;
    std::vector<Slot> by_instrument;
  };

  static std::string Name(std::string_view channel, std::string_view symbol = {}) {
    return symbol.empty() ? std::string(channel)
                          : std::string(channel) + " of " + std::string(symbol);
  }

  absl::Status Find(std::string_view channel, std::string_view symbol, Slot** slot) {
    const std::optional<std::size_t> index = names_.ChannelIndex(channel);
    if (!index || *index >= Names::kChannels) {
      return absl::InvalidArgumentError("no channel " + Name(channel));
    }
    if (symbol.empty()) {
      *slot = &rows_[*index].all;
      return absl::OkStatus();
    }
    const std::optional<std::uint32_t> instrument = names_.InstrumentIndex(symbol);
    if (!instrument) return absl::NotFoundError("no instrument " + std::string(symbol));
    std::vector<Slot>& slots = rows_[*index].by_instrument;
    if (slots.size() <= *instrument) slots.resize(*instrument + 1);
    *slot = &slots[*instrument];
    return absl::OkStatus();
  }

  const Names& names_;
  std::array<Row, Names::kChannels> rows_;
  std::size_t bound_ = 0;
};

}  // namespace switchyard::exchange
