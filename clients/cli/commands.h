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

int PlaceOrder(Session& session);
int AmendOrder(Session& session);
int CancelOrder(Session& session);
int CancelAllOrders(Session& session);
int ShowOrder(Session& session);
int ListOrders(Session& session);
int ShowFills(Session& session);

int ShowPositions(Session& session);
int ShowBalances(Session& session);
int ShowLeverage(Session& session);
int ShowPortfolio(Session& session);

int ShowLimits(Session& session);
int EngageKillSwitch(Session& session);
int ReleaseKillSwitch(Session& session);

int ListExchanges(Session& session);
int ShowCapabilities(Session& session);
int ShowStatus(Session& session);
// grpc.health.v1; fails unless all that is asked for serves.
int ShowHealth(Session& session);

}  // namespace switchyard::clients::cli
