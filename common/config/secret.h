#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <string_view>

namespace switchyard::config {

// A key, password or token: prints as `***` and wipes its memory when it goes. Move-only so that
// every copy is a decision (`Copy`). Any thread while not moved from.
class Secret {
 public:
  Secret();
  // Takes a copy; the caller wipes its own (`WipeString`).
  explicit Secret(std::string_view value);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  Secret Copy() const { return Secret(Reveal()); }
  // The value itself: for signing, never for printing. Lives as long as this object.
  std::string_view Reveal() const { return {bytes_.get(), size_}; }
  bool empty() const { return size_ == 0; }

  // In constant time for equal lengths.
  bool Equals(std::string_view other) const;

  friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }

 private:
  void Wipe();

  // Not std::string: its short values would be copied by a move and stay behind.
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

// Overwrites the whole capacity, then clears.
void WipeString(std::string& text);

}  // namespace switchyard::config
