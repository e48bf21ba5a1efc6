#include "services/simulator/options.h"

#include <charconv>
#include <functional>
#include <limits>
#include <string_view>
#include <vector>

#include "fmt/format.h"

namespace switchyard::simulator {
namespace {

struct Flag {
  std::string_view name;
  std::string_view help;
  std::function<bool(std::string_view)> set;  // false = bad value
  bool is_switch = false;
};

template <typename Integer>
std::function<bool(std::string_view)> Number(Integer& target) {
  return [&target](std::string_view text) {
    const auto result = std::from_chars(text.data(), text.data() + text.size(), target);
    return result.ec == std::errc() && result.ptr == text.data() + text.size();
  };
}

std::function<bool(std::string_view)> Text(std::string& target) {
  return [&target](std::string_view text) {
    target = text;
    return !text.empty();
  };
}

std::function<bool(std::string_view)> Switch(bool& target) {
  return [&target](std::string_view text) {
    target = text.empty() || text == "true";
    return text.empty() || text == "true" || text == "false";
  };
}

// A number, or "max".
std::function<bool(std::string_view)> Rate(std::uint32_t& target) {
  return [&target](std::string_view text) {
    if (text != "max") return Number(target)(text);
    target = std::numeric_limits<std::uint32_t>::max();
    return true;
  };
}

std::vector<Flag> Flags(Options& options) {
  return {
      {"listen_address", "IP address of all ports (127.0.0.1)", Text(options.listen_address)},
      {"port", "port of gateio and gateio_futures; 0 = any free one (0)", Number(options.port)},
      {"lighter_port", "port of lighter; 0 = any free one (0)", Number(options.lighter_port)},
      {"grpc_port", "port of SimulatorService; 0 = any free one (0)", Number(options.grpc_port)},
      {"endpoints_file", "where to write the endpoints as JSON, once all ports listen",
       Text(options.endpoints_file)},
      {"metrics_listen", "host:port of Prometheus metrics; absent = off",
       Text(options.metrics_listen)},
      {"updates_per_second", "book changes per second and symbol; max = unpaced (10)",
       Rate(options.updates_per_second)},
      {"symbols", "instruments of each product; 0 = the well-known ones (0)",
       Number(options.symbols)},
      {"seed", "seed of everything random (1)", Number(options.seed)},
      {"rate_limit_scale", "multiplies the request and connection limits (1)",
       Number(options.rate_limit_scale)},
      {"push_every_change", "a frame for each change of a book, not one per push interval",
       Switch(options.push_every_change), true},
      {"stamp",
       "the first bid of each book update has the steady clock in microseconds, modulo 100 s, for "
       "its quantity",
       Switch(options.stamp), true},
      {"tls", "TLS on the exchange ports; needs --certificate and --key", Switch(options.tls),
       true},
      {"certificate", "PEM file", Text(options.certificate)},
      {"key", "PEM file", Text(options.key)},
      {"replay_spot", "PREFIX of recorded spot traffic: PREFIX.{instruments,rest,ws}.txt",
       Text(options.replay_spot)},
      {"replay_futures", "likewise for futures", Text(options.replay_futures)},
      {"replay_when_subscribed",
       "start a replay when its first client has subscribed to every recorded stream",
       Switch(options.replay_when_subscribed), true},
      {"help", "print this", Switch(options.help), true},
  };
}

absl::Status Validate(const Options& options) {
  if (options.tls && (options.certificate.empty() || options.key.empty())) {
    return absl::InvalidArgumentError("--tls needs --certificate and --key");
  }
  if (!options.tls && !(options.certificate.empty() && options.key.empty())) {
    return absl::InvalidArgumentError("--certificate and --key need --tls");
  }
  if (options.rate_limit_scale == 0) {
    return absl::InvalidArgumentError("--rate_limit_scale must be at least 1");
  }
  if (options.symbols > 2000) return absl::InvalidArgumentError("--symbols must be at most 2000");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Options> ParseOptions(int argc, const char* const* argv) {
  Options options;
  const std::vector<Flag> flags = Flags(options);
  for (int i = 1; i < argc; ++i) {
    std::string_view argument = argv[i];
    const std::size_t equals = argument.find('=');
    const bool has_value = equals != std::string_view::npos;
    const std::string_view value = has_value ? argument.substr(equals + 1) : std::string_view();
    const std::string_view name = argument.substr(0, equals);
    const Flag* found = nullptr;
    for (const Flag& flag : flags) {
      if (name.starts_with("--") && name.substr(2) == flag.name) found = &flag;
    }
    if (found == nullptr) {
      return absl::InvalidArgumentError(fmt::format("unknown flag '{}'", argument));
    }
    if ((!has_value && !found->is_switch) || !found->set(value)) {
      return absl::InvalidArgumentError(fmt::format("bad value in '{}'", argument));
    }
  }
  if (absl::Status status = Validate(options); !status.ok()) return status;
  return options;
}

std::string OptionsHelp() {
  Options options;
  std::string text = "simulator: stands in for exchanges\n\n";
  for (const Flag& flag : Flags(options)) {
    text += fmt::format("  --{}{}\n      {}\n", flag.name, flag.is_switch ? "" : "=...", flag.help);
  }
  return text;
}

}  // namespace switchyard::simulator
