#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "common/json/json.h"

// Golden messages, from $GOLDEN_DIR/lighter where that is set, from tests/golden/lighter otherwise.
namespace switchyard::exchanges::lighter {

// The message of `<name>.json` ("private/rest_account_full"). A failure where there is none.
inline json::Json GoldenMessage(const std::string& name) {
  const char* const chosen = std::getenv("GOLDEN_DIR");
  const std::string folder = chosen != nullptr ? chosen : "tests/golden";
  std::ifstream file(folder + "/lighter/" + name + ".json");
  std::stringstream text;
  text << file.rdbuf();
  const auto parsed = json::Parse(text.str());
  EXPECT_TRUE(parsed.ok()) << name << ": " << parsed.status();
  const json::Json* const body = parsed.ok() ? json::Find(*parsed, "body") : nullptr;
  return body == nullptr ? json::Json() : *body;
}

}  // namespace switchyard::exchanges::lighter
