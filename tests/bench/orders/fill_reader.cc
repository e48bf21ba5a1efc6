#include "tests/bench/orders/fill_reader.h"

#include <chrono>

#include "tests/bench/chain/process.h"
#include "tests/bench/orders/order_side.h"

namespace switchyard::bench {
namespace {

constexpr std::chrono::seconds kPatience{20};

}  // namespace

FillReader::FillReader(const std::shared_ptr<grpc::Channel>& channel)
    : stub_(order::v1::OrderService::NewStub(channel)) {
  request_.set_exchange(kOrderExchange);
  request_.set_account(kOrderAccount);
  context_.set_wait_for_ready(true);
  stub_->async()->StreamOrderEvents(&context_, &request_, this);
  StartRead(&message_);
  StartCall();
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kPatience, [this] { return acknowledged_ || done_; }) || done_) {
    Fail("no stream of order events: " + status_.error_message());
  }
}

FillReader::~FillReader() {
  context_.TryCancel();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return done_; });
}

std::int64_t FillReader::AwaitFill(const std::string& client_order_id) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kPatience,
                         [&] { return done_ || fills_.contains(client_order_id); }) ||
      done_) {
    Fail("a fill was not told: " + status_.error_message());
  }
  return fills_[client_order_id];
}

void FillReader::OnReadDone(bool ok) {
  if (!ok) return;
  {
    const std::int64_t now = SteadyNs();
    const std::lock_guard lock(mutex_);
    acknowledged_ = acknowledged_ || message_.has_acknowledgement();
    for (const order::v1::OrderEvent& event : message_.events()) {
      if (event.has_fill()) fills_.emplace(event.fill().client_order_id(), now);
    }
    changed_.notify_all();
  }
  StartRead(&message_);
}

void FillReader::OnDone(const grpc::Status& status) {
  const std::lock_guard lock(mutex_);
  status_ = status;
  done_ = true;
  changed_.notify_all();
}

}  // namespace switchyard::bench
