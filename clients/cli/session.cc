#include "clients/cli/session.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <utility>

#include "clients/cli/error_text.h"

namespace switchyard::clients::cli {

void Cancellation::Stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  if (context_ != nullptr) context_->TryCancel();
  changed_.notify_all();
}

bool Cancellation::stopped() const {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

bool Cancellation::WaitFor(std::chrono::milliseconds span) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, span, [this] { return stopped_; });
}

Cancellation::Scope::Scope(Cancellation& owner, grpc::ClientContext& context) : owner_(owner) {
  const std::lock_guard lock(owner_.mutex_);
  outer_ = std::exchange(owner_.context_, &context);
  // Cancelled before it begins, the call fails at once.
  if (owner_.stopped_) context.TryCancel();
}

Cancellation::Scope::~Scope() {
  const std::lock_guard lock(owner_.mutex_);
  owner_.context_ = outer_;
  if (owner_.stopped_ && outer_ != nullptr) outer_->TryCancel();
}

Session::Session(const CommandLine& line, Environment& environment, const Connection& connection)
    : line_(line), environment_(environment), connection_(connection) {}

void Session::Print(std::string_view text) { environment_.out << text << '\n' << std::flush; }

void Session::PrintLines(const std::vector<ScreenLine>& lines) {
  for (const ScreenLine& line : lines) environment_.out << line.text << '\n';
  environment_.out << std::flush;
}

void Session::PrintTable(const Table& table) {
  for (const std::string& line : table.Lines()) environment_.out << line << '\n';
  environment_.out << std::flush;
}

void Session::PrintJson(const google::protobuf::Message& message) {
  std::string json;
  // Cannot fail: the contract has no Any, whose type would have to be known.
  (void)google::protobuf::util::MessageToJsonString(message, &json);
  Print(json);
}

int Session::Fail(const grpc::Status& status) {
  // gRPC's own answer to a method that a server does not have says nothing.
  if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED && status.error_message().empty()) {
    return Fail(fmt::format("UNIMPLEMENTED: {} has no such call; a router has", line_.router));
  }
  return Fail(ErrorText(status));
}

int Session::Fail(std::string_view text) {
  Warn(text);
  return kExitFailed;
}

int Session::Misuse(std::string_view text) {
  Warn(text);
  return kExitUsage;
}

void Session::Warn(std::string_view text) {
  environment_.err << "yard: " << text << '\n' << std::flush;
}

}  // namespace switchyard::clients::cli
