#include "tests/services/order/full_disk.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace switchyard::testing {
namespace {

std::atomic<int> write_error{0};

ssize_t Write(int file, const void* bytes, size_t size, off_t offset) {
  if (write_error != 0) {
    errno = write_error;
    return -1;
  }
  return ::pwrite(file, bytes, size, offset);
}

}  // namespace

FullDisk::FullDisk() {
  sqlite3_initialize();
  sqlite3_vfs* const files = sqlite3_vfs_find(nullptr);
  // The one that it was built to use.
  for (const char* const call : {"pwrite64", "pwrite"}) {
    EXPECT_EQ(files->xSetSystemCall(files, call, reinterpret_cast<sqlite3_syscall_ptr>(&Write)),
              SQLITE_OK);
  }
}

FullDisk::~FullDisk() { write_error = 0; }

void FullDisk::FailWith(int error) { write_error = error; }

}  // namespace switchyard::testing
