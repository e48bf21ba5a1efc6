#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

namespace switchyard::clients::cli {

enum class LineStyle { kPlain, kBold, kBid, kAsk, kDim, kWarning };

// One line of a frame; UTF-8, no control characters.
struct ScreenLine {
  std::string text;
  LineStyle style = LineStyle::kPlain;
};

// Draws frames over one another with ANSI sequences, where the cursor is: what was printed before
// stays, and so does the last frame. Each frame is one write, and lines are overwritten rather than
// erased, so nothing flickers. One thread.
class Screen {
 public:
  // Lines longer than `columns` and frames longer than `rows` are cut: a wrapped line could not be
  // drawn over.
  Screen(std::ostream& out, std::size_t columns, std::size_t rows);
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;
  // Shows the cursor again.
  ~Screen();

  void Draw(const std::vector<ScreenLine>& lines);

 private:
  std::ostream& out_;
  std::size_t columns_;
  std::size_t rows_;
  std::size_t drawn_ = 0;
};

// Columns aligned, numbers to the right, two blanks between. Plain text, one line a row.
class Table {
 public:
  // A heading that begins with '>' aligns its column to the right. Without any text there is no
  // heading line.
  explicit Table(std::vector<std::string> headings);
  void AddRow(std::vector<std::string> cells);
  bool empty() const { return rows_.size() == 1; }
  std::vector<std::string> Lines() const;

 private:
  std::vector<bool> right_;
  std::vector<std::vector<std::string>> rows_;
};

// Characters that a terminal shows (UTF-8 code points; wide ones count as one).
std::size_t DisplayWidth(const std::string& text);

}  // namespace switchyard::clients::cli
