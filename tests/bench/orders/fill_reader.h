#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "switchyard/order/v1/order_service.grpc.pb.h"

namespace switchyard::bench {

// A client's stream of order events; knows when fills arrived.
class FillReader final : public grpc::ClientReadReactor<order::v1::StreamOrderEventsResponse> {
 public:
  // Waits for the acknowledgement. Ends the benchmark after 20 s, as AwaitFill.
  explicit FillReader(const std::shared_ptr<grpc::Channel>& channel);
  // Cancels the call and waits for its end.
  ~FillReader() override;

  // When the first fill of the order arrived, steady nanoseconds.
  std::int64_t AwaitFill(const std::string& client_order_id);

  void OnReadDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

 private:
  const std::unique_ptr<order::v1::OrderService::Stub> stub_;
  grpc::ClientContext context_;
  order::v1::StreamOrderEventsRequest request_;
  order::v1::StreamOrderEventsResponse message_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool acknowledged_ = false;
  bool done_ = false;
  grpc::Status status_;
  std::map<std::string, std::int64_t> fills_;  // first ones, by client_order_id
};

}  // namespace switchyard::bench
