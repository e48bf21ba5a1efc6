#include "services/accounts/requests.h"

#include <gtest/gtest.h>

#include "common/status/status.h"
#include "services/accounts/ages.h"
#include "switchyard/position/v1/position_service.pb.h"

namespace switchyard::accounts {
namespace {

using exchange::CommandFate;

TEST(CheckRequestId, TakesTheDocumentedForm) {
  EXPECT_TRUE(CheckRequestId("request_id", "a").ok());
  EXPECT_TRUE(CheckRequestId("request_id", "ABC-xyz_0123456789").ok());
  EXPECT_TRUE(CheckRequestId("request_id", std::string(36, 'x')).ok());
}

TEST(CheckRequestId, RefusesEverythingElse) {
  for (const std::string& bad : {std::string(), std::string(37, 'x'), std::string("a b"),
                                 std::string("a.b"), std::string("\xC3\xA4")}) {
    EXPECT_EQ(ReasonOf(CheckRequestId("request_id", bad)), common::v1::ERROR_REASON_INVALID_FIELD)
        << bad;
  }
}

TEST(FingerprintOf, AnEmptyAccountIsTheNamedOne) {
  position::v1::ClosePositionRequest unnamed, named, other;
  unnamed.set_symbol("BTC-USDT-PERP");
  named = other = unnamed;
  named.set_account("main");
  other.set_quantity("1");
  EXPECT_EQ(FingerprintOf(unnamed, "main"), FingerprintOf(named, "main"));
  EXPECT_NE(FingerprintOf(unnamed, "main"), FingerprintOf(other, "main"));
  EXPECT_NE(FingerprintOf(unnamed, "main"), FingerprintOf(unnamed, "second"));
}

TEST(ErrorOf, AnUnknownOutcomeIsAlwaysToldAsSuch) {
  for (const absl::Status& status :
       {absl::UnavailableError("cut"), absl::DeadlineExceededError("late"), absl::OkStatus()}) {
    const absl::Status told = ErrorOf(CommandFate::kUnknown, status, "closing");
    EXPECT_EQ(told.code(), absl::StatusCode::kUnknown);
    EXPECT_EQ(ReasonOf(told), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
  }
}

TEST(ErrorOf, IsNeverOk) {
  EXPECT_FALSE(ErrorOf(CommandFate::kRefused, absl::OkStatus(), "closing").ok());
  EXPECT_EQ(ErrorOf(CommandFate::kNotSent, absl::UnavailableError("x"), "closing"),
            absl::UnavailableError("x"));
}

TEST(AddAge, AgesWhatHasAValueAtAnyDepth) {
  position::v1::PositionEvent event;
  position::v1::Position& position = *event.add_positions();
  position.mutable_size()->set_source(common::v1::SOURCE_WEBSOCKET);
  position.mutable_size()->set_age_ns(5);
  position.mutable_open_time()->set_source(common::v1::SOURCE_REST);
  position.mutable_mark_price();
  AddAge(std::chrono::nanoseconds(7), event);
  EXPECT_EQ(position.size().age_ns(), 12);
  EXPECT_EQ(position.open_time().age_ns(), 7);
  EXPECT_EQ(position.mark_price().age_ns(), 0);
}

}  // namespace
}  // namespace switchyard::accounts
