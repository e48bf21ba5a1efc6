#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/exchange/market_data_client.h"
#include "common/status/status.h"
#include "common/stream/event_stream.h"
#include "services/accounts/account_directory.h"
#include "services/accounts/requests.h"
#include "services/accounts/stream_options.h"
#include "services/process/exchange_clients.h"
#include "services/process/offered.h"
#include "services/process/open_streams.h"

namespace switchyard::accounts {

// The accounts that a service serves, each with what the service keeps of it: its Desk, which has a
// `feed` that hears the account's client and that streams read. How a call finds its account, and
// what every call and stream begins with, is written here once. Filled before anything is served,
// then used by any thread; what it gives out stays valid as long as it lives.
template <typename Client, typename Desk>
class AccountDesks {
 public:
  using Account = ServedAccount<Client>;
  // What a request names, and what belongs to it.
  struct Target {
    const Account* account = nullptr;
    exchange::MarketDataClient* market_data = nullptr;
    Desk* desk = nullptr;
  };

  // `clients`, `streams` and the accounts' clients must outlive this object.
  AccountDesks(const process::ExchangeClients& clients, process::OpenStreams& streams,
               AccountDirectory<Client> accounts)
      : clients_(clients), streams_(streams), accounts_(std::move(accounts)) {}

  // Gives each account its desk, as `make(account)` makes it. Once, before all else.
  // Errors: the first of `make`.
  template <typename Make>
  absl::Status Open(Make make) {
    absl::Status problem;
    accounts_.ForEach([&](const Account& account) {
      absl::StatusOr<std::unique_ptr<Desk>> desk = make(account);
      problem.Update(desk.status());
      if (desk.ok()) desks_.emplace(&account, *std::move(desk));
    });
    return problem;
  }

  // Starts the clients. Once, before anything is served.
  void Start() const {
    for (const auto& [account, desk] : desks_) account->client->Start(desk->feed);
  }
  // Calls `visit(desk)` for each.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const auto& [account, desk] : desks_) visit(*desk);
  }
  // How many streams read an account of `exchange`.
  std::uint32_t OpenStreams(std::string_view exchange) const {
    std::uint32_t count = 0;
    for (const auto& [account, desk] : desks_) {
      if (account->exchange == exchange) count += desk->feed.readers();
    }
    return count;
  }

  // Errors: InvalidArgument (exchange, account); Unimplemented, `rpc` ("Service/Method") is not
  // offered.
  absl::StatusOr<Target> Find(std::string_view exchange, std::string_view account,
                              std::string_view rpc) const {
    Target target;
    SWITCHYARD_ASSIGN_OR_RETURN(target.market_data, clients_.Find(exchange));
    SWITCHYARD_RETURN_IF_ERROR(process::CheckOffered(target.market_data->capabilities(), rpc));
    SWITCHYARD_ASSIGN_OR_RETURN(target.account, accounts_.Find(exchange, account));
    target.desk = desks_.at(target.account).get();
    return target;
  }

  // Serves a call about the account that `request` names: `begin(target, call)` starts it or says
  // why not.
  template <typename Request, typename Begin>
  grpc::ServerUnaryReactor* Serve(const Request& request, std::string_view rpc, Begin begin) const {
    return accounts::Serve([&](const CallPtr& call) -> absl::Status {
      SWITCHYARD_ASSIGN_OR_RETURN(const Target target,
                                  Find(request.exchange(), request.account(), rpc));
      return begin(target, call);
    });
  }

  // Serves a stream of `method` ("/package.Service/Method"): `attach(feed, stream, request)` has it
  // read the feed of the account that the request names.
  template <typename Request, typename Response, typename Attach>
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Stream(const grpc::ByteBuffer& encoded,
                                                     const std::string& method,
                                                     Attach attach) const {
    const auto refuse = [&](const absl::Status& why) {
      const auto refused = streams_.Open({}, method, [](const auto&) {});
      refused->Finish(why);
      return refused->StartReactor();
    };
    const auto request = ParseStreamRequest<Request>(encoded);
    if (!request.ok()) return refuse(request.status());
    const auto target = Find(request->exchange(), request->account(),
                             std::string_view(method).substr(method.rfind('.') + 1));
    if (!target.ok()) return refuse(target.status());
    const auto options = ParseStreamOptions(*request);
    if (!options.ok()) return refuse(options.status());
    auto& feed = target->desk->feed;
    const auto stream =
        streams_.Open(*options, method, [&feed](const auto& ended) { feed.Detach(ended); });
    // The end of the call is reported only after this function has returned its reactor, so that
    // Detach always comes after Attach.
    auto* const reactor = stream->StartReactor();
    stream->Acknowledge(Acknowledgement<Response>(*options));
    attach(feed, stream, *request);
    return reactor;
  }

 private:
  const process::ExchangeClients& clients_;
  process::OpenStreams& streams_;
  const AccountDirectory<Client> accounts_;
  std::map<const Account*, std::unique_ptr<Desk>> desks_;
};

}  // namespace switchyard::accounts
