#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "switchyard/order/v1/order_service.grpc.pb.h"

namespace switchyard::bench {

// Of the whole service, the method that is measured; the rest is UNIMPLEMENTED.
using BareOrderService =
    order::v1::OrderService::WithRawCallbackMethod_PlaceOrder<order::v1::OrderService::Service>;

// What an order service cannot be faster than: for each call a constant frame goes to the
// simulator's WebSocket, then a constant answer to the caller. No checks, no state. With a journal
// a record is appended to a file before that, and synced where asked; calls that came meanwhile
// share one append and one sync.
class BareOrders final : public BareOrderService {
 public:
  struct Options {
    std::string host, port;
    std::string journal;  // a file, overwritten; empty = none
    bool sync = false;
    std::size_t frame_bytes = 0;  // payload of the frame
  };
  // Ends the program where the simulator is not there or the file cannot be written.
  explicit BareOrders(const Options& options);
  ~BareOrders() override;

  grpc::ServerUnaryReactor* PlaceOrder(grpc::CallbackServerContext* context,
                                       const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override;

  // The journal modes by name: "OFF" appends nothing, "NORMAL" does not sync, "FULL" does.
  static Options OptionsOf(std::string_view mode, std::string journal);

 private:
  class Socket;

  void Send(const std::vector<grpc::ServerUnaryReactor*>& calls);

  const bool sync_;
  const std::string answer_;  // a PlaceOrderResponse
  const std::string record_;
  int file_ = -1;
  std::unique_ptr<Socket> socket_;

  std::mutex mutex_;  // guards what follows
  std::vector<grpc::ServerUnaryReactor*> waiting_;
  bool busy_ = false;  // some call's thread sends for all
};

}  // namespace switchyard::bench
