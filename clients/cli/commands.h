#pragma once

#include "clients/cli/session.h"

// The commands of `yard`, one function each. They print, and return the exit code.
namespace switchyard::clients::cli {

int ShowBook(Session& session);
int ShowConsolidatedBook(Session& session);

int ListInstruments(Session& session);
int ShowTrades(Session& session);
int ShowTicker(Session& session);
int ShowCandles(Session& session);
int ShowFunding(Session& session);

int ListExchanges(Session& session);
int ShowCapabilities(Session& session);
int ShowStatus(Session& session);

}  // namespace switchyard::clients::cli
