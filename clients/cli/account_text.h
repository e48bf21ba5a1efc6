#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <string>

#include "clients/cli/screen.h"
#include "switchyard/account/v1/account.pb.h"
#include "switchyard/position/v1/position.pb.h"

// Accounts, balances and positions for people. Decimals are shown as they came, "*" behind those
// that Switchyard computed.
namespace switchyard::clients::cli {

std::string FigureText(const common::v1::SourcedDecimal& figure);

Table MakePositionTable();
void AddPosition(const position::v1::Position& position, Table& table);

Table MakeBalanceTable();
void AddBalance(const account::v1::Balance& balance, Table& table);

Table MakeAccountTable();
// `state`: why it must not be trusted now; empty = it may be.
void AddAccount(const account::v1::Account& account, const std::string& state, Table& table);

// "10, CROSS"; both sides where they differ.
std::string LeverageText(const account::v1::LeverageSetting& setting);

}  // namespace switchyard::clients::cli
