#pragma once

namespace switchyard::order {

// The moments at which a test may kill the process. `SWITCHYARD_CRASH_AT=after_commit:3` in the
// environment ends it by SIGKILL when it passes the point for the third time (`:1` where no number
// is given); without the variable a point costs one load. For tests alone.
enum class CrashPoint {
  kBeforeCommit,   // before_commit: a batch is written, its transaction is open
  kAfterCommit,    // after_commit: it is committed, nobody has been told
  kBeforeSend,     // before_send: the order is in the journal, the client was not called
  kAfterSend,      // after_send: the client took the command; its answer was not looked at
  kBeforeAnswer,   // before_answer: the outcome is in the journal, the caller was not told
  kAfterAnswer,    // after_answer: the caller was told
  kBeforePublish,  // before_publish: committed events, no stream has them
  kAfterPublish,   // after_publish: streams have them
};

void PassCrashPoint(CrashPoint point);

}  // namespace switchyard::order
