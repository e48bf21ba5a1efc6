#include <fmt/format.h>
#include <google/protobuf/wrappers.pb.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <array>
#include <cstddef>
#include <future>
#include <string>
#include <string_view>
#include <vector>

#include "clients/cli/commands.h"

namespace switchyard::clients::cli {
namespace {

// HealthCheckRequest{string service = 1} and HealthCheckResponse{ServingStatus status = 1} have the
// wire form of these two, which every protobuf library holds.
// Source: grpc/health/v1/health.proto.
using HealthRequest = google::protobuf::StringValue;
using HealthResponse = google::protobuf::Int32Value;

constexpr char kCheck[] = "/grpc.health.v1.Health/Check";
constexpr std::array<std::string_view, 4> kStatusNames = {"UNKNOWN", "SERVING", "NOT_SERVING",
                                                          "SERVICE_UNKNOWN"};
constexpr std::size_t kServing = 1;

grpc::Status Check(Session& session, const std::string& name, std::size_t* answer) {
  HealthRequest request;
  request.set_value(name);
  HealthResponse response;
  grpc::TemplatedGenericStub<HealthRequest, HealthResponse> stub(session.channel());
  const grpc::Status status = session.Unary([&](grpc::ClientContext* context) {
    std::promise<grpc::Status> ended;
    stub.UnaryCall(context, kCheck, grpc::StubOptions(), &request, &response,
                   [&ended](grpc::Status each) { ended.set_value(std::move(each)); });
    return ended.get_future().get();
  });
  const auto value = static_cast<std::size_t>(response.value());
  *answer = value < kStatusNames.size() ? value : 0;
  return status;
}

}  // namespace

int ShowHealth(Session& session) {
  std::vector<std::string> names = session.line().arguments;
  if (names.empty()) names.emplace_back();
  bool serving = true;
  for (const std::string& name : names) {
    std::size_t answer = 0;
    const grpc::Status status = Check(session, name, &answer);
    if (!status.ok()) return session.Fail(status);
    session.Print(session.line().json
                      ? fmt::format(R"({{"status":"{}"}})", kStatusNames[answer])
                      : fmt::format("{}{}{}", name, name.empty() ? "" : " ", kStatusNames[answer]));
    serving = serving && answer == kServing;
  }
  return serving ? kExitOk : kExitFailed;
}

}  // namespace switchyard::clients::cli
