#include <google/protobuf/struct.pb.h>
#include <grpcpp/client_context.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "clients/cli/diagnosis.h"
#include "clients/cli/local_files.h"
#include "clients/cli/operation_commands.h"
#include "clients/cli/session.h"
#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "switchyard/account/v1/account_service.grpc.pb.h"
#include "switchyard/order/v1/order_service.grpc.pb.h"
#include "switchyard/position/v1/position_service.grpc.pb.h"
#include "switchyard/status/v1/status_service.grpc.pb.h"

namespace switchyard::clients::cli {
namespace {

using status::v1::GetStatusResponse;
using status::v1::StatusService;
using std::chrono::nanoseconds;

// No exchange's id has a slash.
bool IsPath(const std::string& word) { return word.find('/') != std::string::npos; }

// Asks one thing after another; each question has --timeout.
class Examination {
 public:
  explicit Examination(Session& session) : session_(session) {
    for (const std::string& word : session.line().arguments) {
      if (!IsPath(word)) wanted_.insert(word);
    }
  }

  std::vector<Finding> Run() {
    const std::optional<GetStatusResponse> status = AskStatus();
    if (!status.has_value()) return std::move(findings_);
    CompareClocks();
    Add(JudgeExchanges(*status));
    for (const auto& entry : status->statuses()) {
      for (const std::string& account : entry.accounts()) {
        Try(entry.exchange(), entry.component(), account);
      }
    }
    return std::move(findings_);
  }

 private:
  const Clock& clock() { return session_.environment().clock; }
  const std::string& address() { return session_.line().router; }
  void Add(std::vector<Finding> found) {
    findings_.insert(findings_.end(), std::make_move_iterator(found.begin()),
                     std::make_move_iterator(found.end()));
  }

  // Only the exchanges that were asked for; all without any.
  std::optional<GetStatusResponse> AskStatus() {
    const auto stub = StatusService::NewStub(session_.channel());
    GetStatusResponse response;
    const auto began = clock().Steady();
    const absl::Status status = FromGrpcStatus(session_.Unary(
        [&](grpc::ClientContext* context) { return stub->GetStatus(context, {}, &response); }));
    findings_.push_back(
        JudgeReach(address(), status, response, clock().Steady() - began, clock().Now()));
    if (!status.ok()) return std::nullopt;
    if (wanted_.empty()) return response;
    GetStatusResponse chosen;
    std::set<std::string> found;
    for (const auto& entry : response.statuses()) {
      if (!wanted_.contains(entry.exchange())) continue;
      found.insert(entry.exchange());
      *chosen.add_statuses() = entry;
    }
    for (const auto& error : response.errors()) {
      if (!wanted_.contains(error.exchange())) continue;
      found.insert(error.exchange());
      *chosen.add_errors() = error;
    }
    for (const std::string& exchange : wanted_) {
      if (found.contains(exchange)) continue;
      findings_.push_back({Level::kFailed, exchange, "services", "it is not served here",
                           "yard exchanges lists what is"});
    }
    return chosen;
  }

  // A heartbeat says what the server's clock shows when it is made.
  void CompareClocks() {
    const auto stub = StatusService::NewStub(session_.channel());
    status::v1::WatchStatusRequest request;
    (void)session_.Unary([&](grpc::ClientContext* context) {
      const auto reader = stub->WatchStatus(context, request);
      status::v1::WatchStatusResponse response;
      auto waited_since = clock().Steady();
      while (reader->Read(&response)) {
        if (response.has_heartbeat()) {
          const TimeNs made = response.heartbeat().publish_time_ns();
          // It was made at some time of the wait, late in it.
          const nanoseconds uncertainty =
              std::min<nanoseconds>(clock().Steady() - waited_since, std::chrono::seconds(1));
          findings_.push_back(JudgeServerClock(address(), made - clock().Now(), uncertainty));
          break;
        }
        waited_since = clock().Steady();
      }
      context->TryCancel();
      return reader->Finish();
    });
  }

  void Try(const std::string& exchange, const std::string& component, const std::string& account) {
    if (component == "account") {
      account::v1::ListBalancesRequest request;
      request.set_exchange(exchange);
      request.set_account(account);
      Read<account::v1::AccountService, account::v1::ListBalancesResponse>(
          request, &account::v1::AccountService::Stub::ListBalances, "balances");
    } else if (component == "position") {
      position::v1::ListPositionsRequest request;
      request.set_exchange(exchange);
      request.set_account(account);
      Read<position::v1::PositionService, position::v1::ListPositionsResponse>(
          request, &position::v1::PositionService::Stub::ListPositions, "positions");
    } else if (component == "order") {
      TryOrders(exchange, account);
    }
  }

  // max_age 0: the exchange itself is asked.
  template <typename Service, typename Response, typename Request, typename Method>
  void Read(const Request& request, Method method, std::string_view what) {
    const auto stub = Service::NewStub(session_.channel());
    Response response;
    const grpc::Status status = session_.Unary([&](grpc::ClientContext* context) {
      return ((*stub).*method)(context, request, &response);
    });
    auto finding = JudgeRead(request.exchange(), request.account(), what, FromGrpcStatus(status));
    if (finding.has_value()) findings_.push_back(*std::move(finding));
  }

  void TryOrders(const std::string& exchange, const std::string& account) {
    const auto stub = order::v1::OrderService::NewStub(session_.channel());
    order::v1::GetRiskLimitsRequest request;
    request.set_exchange(exchange);
    request.set_account(account);
    order::v1::GetRiskLimitsResponse response;
    const absl::Status status = FromGrpcStatus(session_.Unary([&](grpc::ClientContext* context) {
      return stub->GetRiskLimits(context, request, &response);
    }));
    absl::StatusOr<order::v1::GetRiskLimitsResponse> limits = response;
    if (!status.ok()) limits = status;
    findings_.push_back(JudgeTrading(exchange, account, limits));
  }

  Session& session_;
  std::set<std::string> wanted_;  // exchanges; empty = all
  std::vector<Finding> findings_;
};

// Folders hold journals; other paths are configuration files, and name folders.
std::vector<Finding> ExamineFiles(const CommandLine& line) {
  std::vector<Finding> findings;
  std::set<std::string> folders;
  for (const std::string& path : line.arguments) {
    if (!IsPath(path)) continue;
    std::error_code error;
    if (path.back() == '/' || std::filesystem::is_directory(path, error)) {
      folders.insert(path);
      continue;
    }
    const auto read = ReadConfiguration(path);
    findings.push_back(
        JudgeConfiguration(path, read.ok() ? read->what : std::string(), read.status()));
    // A relative one is relative to where its process runs.
    if (read.ok() && IsPath(read->journal_directory.substr(0, 1))) {
      folders.insert(read->journal_directory);
    }
  }
  for (const std::string& folder : folders) {
    const std::vector<Finding> found = JudgeJournals(LookAtJournals(folder));
    findings.insert(findings.end(), found.begin(), found.end());
  }
  return findings;
}

google::protobuf::Struct JsonOf(const std::vector<Finding>& findings) {
  google::protobuf::Struct document;
  auto& list = *(*document.mutable_fields())["findings"].mutable_list_value();
  for (const Finding& finding : findings) {
    auto& fields = *list.add_values()->mutable_struct_value()->mutable_fields();
    fields["level"].set_string_value(std::string(LevelText(finding.level)));
    fields["subject"].set_string_value(finding.subject);
    fields["check"].set_string_value(finding.check);
    fields["what"].set_string_value(finding.what);
    fields["advice"].set_string_value(finding.advice);
  }
  return document;
}

void PrintFindings(Session& session, const std::vector<Finding>& findings) {
  Table table({"", "", "", ""});
  for (const Finding& finding : findings) {
    const std::string& advice = finding.advice;
    table.AddRow({std::string(LevelText(finding.level)), finding.subject, finding.check,
                  advice.empty() ? finding.what : finding.what + " -> " + advice});
  }
  session.PrintTable(table);
}

}  // namespace

int Diagnose(Session& session) {
  std::vector<Finding> findings = ExamineFiles(session.line());
  for (Finding& finding : Examination(session).Run()) findings.push_back(std::move(finding));
  if (session.line().json) {
    session.PrintJson(JsonOf(findings));
  } else {
    PrintFindings(session, findings);
  }
  return WorstOf(findings) == Level::kFailed ? kExitFailed : kExitOk;
}

}  // namespace switchyard::clients::cli
