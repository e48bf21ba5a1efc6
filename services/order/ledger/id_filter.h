#pragma once

#include <functional>
#include <string_view>
#include <unordered_set>

namespace switchyard::order {

// Whether a text may have been added: a no is certain, a yes must be confirmed. Spares the journal
// a question for every new order. 16 bytes an entry. One thread.
class IdFilter {
 public:
  void Add(std::string_view text) { hashes_.insert(std::hash<std::string_view>()(text)); }
  bool MayContain(std::string_view text) const {
    return hashes_.contains(std::hash<std::string_view>()(text));
  }

 private:
  std::unordered_set<std::size_t> hashes_;
};

}  // namespace switchyard::order
