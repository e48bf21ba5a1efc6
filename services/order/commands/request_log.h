#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/order/desk/desk_context.h"
#include "services/order/journal/journal.h"
#include "services/order/ledger/id_filter.h"

namespace switchyard::order {

// Amendments and cancellations by request_id: each is carried out once, and whoever asks again gets
// the first one's answer, also after a restart. The owner's thread alone.
class RequestLog {
 public:
  // Serialised response of the request's RPC, or why it was refused.
  using Result = absl::StatusOr<std::string>;
  using Finish = std::function<void(Result result)>;
  using Reply = std::function<void(Result result, bool replayed)>;

  explicit RequestLog(DeskContext& desk) : desk_(desk) {}
  // Once, at the start.
  absl::Status Load();

  // `begin` carries the command out and calls its argument once; it must journal what it does in
  // the same turn. `recover` tells the effect of a command that an earlier life began and did not
  // live to answer. Errors: AlreadyExists, REQUEST_ID_REUSED.
  void Serve(const std::string& request_id, const std::string& body_hash,
             const std::function<void(Finish)>& begin, const std::function<Result()>& recover,
             Reply reply);

 private:
  struct Entry {
    std::string body_hash;
    bool finished = false;
    Result result = std::string();
    std::vector<Reply> waiting;
  };

  void Replay(Entry& entry, Reply reply);
  void OnFinished(const std::string& request_id, Result result);

  DeskContext& desk_;
  std::map<std::string, Entry, std::less<>> entries_;
  std::deque<std::string> finished_;  // oldest first
  IdFilter journaled_;
};

}  // namespace switchyard::order
