#include "services/status/status_converters.h"

#include <string>

#include "common/exchange/market_data_proto.h"

namespace switchyard::status {

v1::Path ToProto(exchange::Path path) {
  switch (path) {
    case exchange::Path::kNone:
      return v1::PATH_NONE;
    case exchange::Path::kWebSocket:
      return v1::PATH_WEBSOCKET;
    case exchange::Path::kPolled:
      return v1::PATH_POLLED;
    case exchange::Path::kRest:
      return v1::PATH_REST;
    case exchange::Path::kEmulated:
      return v1::PATH_EMULATED;
  }
  return v1::PATH_UNSPECIFIED;
}

v1::Scope ToProto(exchange::Scope scope) {
  switch (scope) {
    case exchange::Scope::kNone:
      return v1::SCOPE_UNSPECIFIED;
    case exchange::Scope::kMarket:
      return v1::SCOPE_MARKET;
    case exchange::Scope::kAccount:
      return v1::SCOPE_ACCOUNT;
  }
  return v1::SCOPE_UNSPECIFIED;
}

v1::ConnectionState ToProto(exchange::ConnectionState state) {
  switch (state) {
    case exchange::ConnectionState::kIdle:
      return v1::CONNECTION_STATE_IDLE;
    case exchange::ConnectionState::kConnecting:
      return v1::CONNECTION_STATE_CONNECTING;
    case exchange::ConnectionState::kSubscribing:
      return v1::CONNECTION_STATE_SUBSCRIBING;
    case exchange::ConnectionState::kReady:
      return v1::CONNECTION_STATE_READY;
    case exchange::ConnectionState::kBackoff:
      return v1::CONNECTION_STATE_BACKOFF;
    case exchange::ConnectionState::kDown:
      return v1::CONNECTION_STATE_DOWN;
  }
  return v1::CONNECTION_STATE_UNSPECIFIED;
}

v1::ExchangeCapabilities ToProto(const exchange::Capabilities& capabilities) {
  v1::ExchangeCapabilities message;
  message.set_exchange(std::string(capabilities.exchange));
  message.set_api_version(std::string(capabilities.api_version));
  for (const exchange::RpcEntry& entry : exchange::RpcEntries()) {
    v1::RpcCapability& rpc = *message.add_rpcs();
    rpc.set_rpc(std::string(entry.rpc));
    rpc.set_path(ToProto(capabilities.*entry.path));
  }
  for (const exchange::ChannelEntry& entry : exchange::ChannelEntries()) {
    v1::ChannelCapability& channel = *message.add_channels();
    channel.set_channel(std::string(entry.channel));
    channel.set_path(ToProto(capabilities.*entry.path));
    if (capabilities.*entry.path == exchange::Path::kPolled) {
      channel.set_poll_interval_ms(capabilities.poll_interval_ms);
    }
  }
  for (const std::uint32_t depth : capabilities.book_depths) message.add_book_depths(depth);
  for (const std::uint32_t seconds : capabilities.candle_interval_seconds) {
    message.add_candle_interval_seconds(seconds);
  }
  for (const std::string_view type : capabilities.order_types) {
    message.add_order_types(std::string(type));
  }
  for (const std::string_view time : capabilities.times_in_force) {
    message.add_times_in_force(std::string(time));
  }
  message.set_leverage_scope(ToProto(capabilities.leverage_scope));
  message.set_cancel_all_scope(ToProto(capabilities.cancel_all_scope));
  message.set_client_id_form(std::string(capabilities.client_id_form));
  for (const exchange::LimitText& limit : capabilities.limits) {
    (*message.mutable_limits())[std::string(limit.name)] = std::string(limit.text);
  }
  return message;
}

v1::ExchangeStatus ToProto(std::string_view exchange, std::string_view component,
                           const exchange::ClientStatus& status, std::uint32_t client_streams) {
  v1::ExchangeStatus message;
  message.set_exchange(std::string(exchange));
  message.set_component(std::string(component));
  message.set_ready(status.ready);
  for (const exchange::ConnectionStatus& each : status.connections) {
    v1::ConnectionStatus& connection = *message.add_connections();
    connection.set_name(each.name);
    connection.set_state(ToProto(each.state));
    connection.set_since_time_ns(each.since.value);
    connection.set_uptime_ns(each.uptime.count());
    connection.set_last_message_age_ns(each.last_message_age.count());
    connection.set_reconnects(each.reconnects);
    connection.set_subscriptions(each.subscriptions);
    connection.set_last_error(each.last_error);
  }
  message.set_resyncs(status.resyncs);
  message.set_gaps(status.gaps);
  message.set_rest_fallbacks(status.rest_fallbacks);
  message.set_valid_books(status.valid_books);
  message.set_stale_books(status.stale_books);
  message.set_clock_offset_ns(status.clock_offset.count());
  for (const exchange::ReadLatency& each : status.read_latencies) {
    v1::ReadLatency& latency = *message.add_read_latencies();
    latency.set_source(exchange::ToProto(each.source));
    latency.set_count(each.count);
    latency.set_total_ns(each.total.count());
    latency.set_max_ns(each.max.count());
  }
  for (const exchange::LimitHeadroom& each : status.limits) {
    v1::LimitHeadroom& limit = *message.add_limits();
    limit.set_name(each.name);
    limit.set_remaining(each.remaining);
    limit.set_limit(each.limit);
    limit.set_window_ms(each.window_ms);
  }
  message.set_client_streams(client_streams);
  return message;
}

}  // namespace switchyard::status
