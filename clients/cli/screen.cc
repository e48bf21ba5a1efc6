#include "clients/cli/screen.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace switchyard::clients::cli {
namespace {

std::string_view StyleStart(LineStyle style) {
  switch (style) {
    case LineStyle::kBold:
      return "\x1b[1m";
    case LineStyle::kBid:
      return "\x1b[32m";
    case LineStyle::kAsk:
      return "\x1b[31m";
    case LineStyle::kDim:
      return "\x1b[2m";
    case LineStyle::kWarning:
      return "\x1b[1;33m";
    case LineStyle::kPlain:
      return "";
  }
  return "";
}

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

std::string_view CutToWidth(const std::string& text, std::size_t width) {
  std::size_t shown = 0;
  for (std::size_t index = 0; index < text.size(); ++index) {
    if (!IsContinuation(text[index]) && shown++ == width) {
      return std::string_view(text).substr(0, index);
    }
  }
  return text;
}

}  // namespace

Screen::Screen(std::ostream& out, std::size_t columns, std::size_t rows)
    : out_(out),
      columns_(std::max<std::size_t>(columns, 1)),
      rows_(std::max<std::size_t>(rows, 2)) {}

Screen::~Screen() {
  if (drawn_ > 0) out_ << "\x1b[?25h" << std::flush;
}

void Screen::Draw(const std::vector<ScreenLine>& lines) {
  std::string frame = drawn_ == 0 ? "\x1b[?25l" : fmt::format("\x1b[{}A", drawn_);
  // The cursor rests below the last line, which needs a row of its own.
  const std::size_t count = std::min(lines.size(), rows_ - 1);
  for (std::size_t index = 0; index < count; ++index) {
    const std::string_view text = CutToWidth(lines[index].text, columns_);
    const std::string_view style = StyleStart(lines[index].style);
    frame += fmt::format("\r{}{}{}\x1b[K\n", style, text, style.empty() ? "" : "\x1b[0m");
  }
  frame += "\x1b[J";
  out_ << frame << std::flush;
  drawn_ = count;
}

Table::Table(std::vector<std::string> headings) {
  for (std::string& heading : headings) {
    right_.push_back(heading.starts_with('>'));
    if (right_.back()) heading.erase(0, 1);
  }
  rows_.push_back(std::move(headings));
}

void Table::AddRow(std::vector<std::string> cells) {
  cells.resize(right_.size());
  rows_.push_back(std::move(cells));
}

std::vector<std::string> Table::Lines() const {
  std::vector<std::size_t> widths(right_.size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      widths[column] = std::max(widths[column], DisplayWidth(row[column]));
    }
  }
  std::vector<std::string> lines;
  for (const auto& row : rows_) {
    const bool heading = &row == &rows_.front();
    std::string line;
    for (std::size_t column = 0; column < row.size(); ++column) {
      if (column > 0) line += "  ";
      const std::string padding(widths[column] - DisplayWidth(row[column]), ' ');
      line += right_[column] ? padding + row[column] : row[column] + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    if (heading && line.empty()) continue;
    lines.push_back(std::move(line));
  }
  return lines;
}

std::size_t DisplayWidth(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return !IsContinuation(byte); }));
}

}  // namespace switchyard::clients::cli
