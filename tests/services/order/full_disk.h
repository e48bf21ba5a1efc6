#pragma once

namespace switchyard::testing {

// Lets every write of this process's SQLite files fail, as long as one is told to. One at a time.
class FullDisk {
 public:
  FullDisk();
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk();

  // As `write` sets errno: ENOSPC, EIO; 0 = writes succeed. Any thread.
  void FailWith(int error);
};

}  // namespace switchyard::testing
