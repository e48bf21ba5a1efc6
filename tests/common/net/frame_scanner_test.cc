#include "common/net/internal/frame_scanner.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string>

#include "tests/common/net/test_servers.h"

namespace switchyard::net::internal {
namespace {

using net::testing::EncodeFrame;

void Scan(FrameScanner& scanner, const std::string& bytes) {
  scanner.Scan(std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

TEST(FrameScannerTest, CountsMessagesOfEveryLengthForm) {
  for (const std::size_t size : {0, 1, 125, 126, 65535, 65536, 100000}) {
    FrameScanner scanner;
    const std::string frame = EncodeFrame(2, std::string(size, 'x'));
    Scan(scanner, frame.substr(0, frame.size() - 1));
    EXPECT_FALSE(scanner.IsNextMessageReady()) << size;
    Scan(scanner, frame.substr(frame.size() - 1));
    EXPECT_TRUE(scanner.IsNextMessageReady()) << size;
    scanner.MarkDelivered();
    EXPECT_FALSE(scanner.IsNextMessageReady()) << size;
  }
}

TEST(FrameScannerTest, DoesNotCareWhereTheBytesAreCut) {
  FrameScanner scanner;
  const std::string frames =
      EncodeFrame(1, "a") + EncodeFrame(1, std::string(300, 'b')) + EncodeFrame(2, "");
  for (const char byte : frames) Scan(scanner, std::string(1, byte));
  EXPECT_EQ(scanner.pending_messages(), 3u);
}

TEST(FrameScannerTest, FragmentsAreOneMessage) {
  FrameScanner scanner;
  Scan(scanner, EncodeFrame(1, "a", false) + EncodeFrame(0, "b", false));
  EXPECT_FALSE(scanner.IsNextMessageReady());
  Scan(scanner, EncodeFrame(0, "c"));
  EXPECT_TRUE(scanner.IsNextMessageReady());
  EXPECT_EQ(scanner.pending_messages(), 1u);
}

TEST(FrameScannerTest, MessageBehindControlFrameIsNotReady) {
  FrameScanner scanner;
  Scan(scanner,
       EncodeFrame(1, "a") + EncodeFrame(9, "ping") + EncodeFrame(1, "b") + EncodeFrame(1, "c"));
  EXPECT_TRUE(scanner.IsNextMessageReady());
  scanner.MarkDelivered();
  EXPECT_FALSE(scanner.IsNextMessageReady()) << "the ping comes first";
  scanner.MarkDelivered();
  EXPECT_TRUE(scanner.IsNextMessageReady());
}

TEST(FrameScannerTest, MessageWithControlFrameBetweenItsFragmentsIsNotReady) {
  FrameScanner scanner;
  Scan(scanner, EncodeFrame(1, "a", false) + EncodeFrame(9, "") + EncodeFrame(0, "b"));
  EXPECT_EQ(scanner.pending_messages(), 1u);
  EXPECT_FALSE(scanner.IsNextMessageReady());
}

TEST(FrameScannerTest, EveryMessageFromFirstToLastControlFrameWaits) {
  FrameScanner scanner;
  Scan(scanner, EncodeFrame(1, "a") + EncodeFrame(9, "") + EncodeFrame(1, "b") +
                    EncodeFrame(1, "c") + EncodeFrame(9, "") + EncodeFrame(1, "d") +
                    EncodeFrame(1, "e"));
  const bool want[] = {true, false, false, false, true};
  for (const bool is_ready : want) {
    EXPECT_EQ(scanner.IsNextMessageReady(), is_ready);
    scanner.MarkDelivered();
  }
}

TEST(FrameScannerTest, NothingIsReadyOnceTheProtocolIsBroken) {
  const std::string reserved_opcode = {'\x83', '\x00'};
  const std::string masked = {'\x81', '\x80', 'm', 'a', 's', 'k'};
  const std::string reserved_bit = {'\xa1', '\x00'};
  for (const std::string& bad : {reserved_opcode, masked, reserved_bit}) {
    FrameScanner scanner;
    Scan(scanner, bad + EncodeFrame(1, "a"));
    EXPECT_FALSE(scanner.IsNextMessageReady());
  }
}

}  // namespace
}  // namespace switchyard::net::internal
