#pragma once

namespace switchyard::clients::cli {

class Session;

// The commands of who runs Switchyard, as those of commands.h.
int Diagnose(Session& session);
int BackUpJournal(Session& session);
int VerifyJournal(Session& session);
int RestoreJournal(Session& session);

}  // namespace switchyard::clients::cli
