#include "services/simulator/transport/http_message.h"

#include <algorithm>
#include <cctype>

namespace switchyard::simulator::transport {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string Decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = high >= 0 ? HexDigit(text[i + 2]) : -1;
    if (low >= 0) {
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

bool SameWord(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

}  // namespace

std::string_view HttpRequest::Parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return {};
}

std::string_view HttpRequest::HeaderValue(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (SameWord(key, name)) return value;
  }
  return {};
}

void SplitTarget(std::string_view target, HttpRequest& request) {
  const std::size_t mark = target.find('?');
  request.raw_path = std::string(target.substr(0, mark));
  request.path = Decode(request.raw_path);
  request.query.clear();
  request.query_text.clear();
  if (mark == std::string_view::npos) return;
  std::string_view rest = target.substr(mark + 1);
  request.query_text = Decode(rest);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view item = rest.substr(0, end);
    const std::size_t equals = std::min(item.find('='), item.size());
    if (!item.empty()) {
      const std::string_view value = equals < item.size() ? item.substr(equals + 1) : "";
      request.query.emplace_back(Decode(item.substr(0, equals)), Decode(value));
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

}  // namespace switchyard::simulator::transport
