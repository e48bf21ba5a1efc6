#pragma once

#include <grpcpp/support/server_callback.h>
#include <grpcpp/support/slice.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "switchyard/marketdata/v1/market_data_service.grpc.pb.h"
#include "tests/bench/floor/frame_reader.h"

namespace switchyard::bench {

class BareStream;

// Of the whole service, the two methods that are measured; the rest is UNIMPLEMENTED.
using BareMarketData = marketdata::v1::MarketDataService::WithRawCallbackMethod_StreamMarketData<
    marketdata::v1::MarketDataService::WithRawCallbackMethod_GetOrderBook<
        marketdata::v1::MarketDataService::Service>>;

// What a market-data service cannot be faster than: for each frame one constant update of about
// 230 bytes goes to every stream, with the frame's stamp (microseconds of the steady clock) as its
// epoch. No parsing, no book. Reads the simulator while somebody reads here. `depth` of a request's
// first subscription = updates in one message (0 = 1).
class BareService final : public BareMarketData {
 public:
  BareService(const std::string& host, const std::string& port);
  ~BareService() override;

  grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamMarketData(
      grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) override;
  // A constant book of 20 + 20 levels.
  grpc::ServerUnaryReactor* GetOrderBook(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;

  // Called by streams.
  void Remove(BareStream* stream);
  void Resume() { reader_.Resume(); }

 private:
  bool OnFrame(std::string_view frame);
  void OnReconnect();

  const std::string book_;        // a GetOrderBookResponse
  std::string payload_;           // one record of field 1
  std::size_t stamp_offset_ = 0;  // of its 8 stamp bytes, little-endian
  std::mutex mutex_;
  std::vector<BareStream*> streams_;
  std::vector<grpc::Slice> batch_;
  std::size_t batch_size_ = 1;
  FrameReader reader_;
};

}  // namespace switchyard::bench
