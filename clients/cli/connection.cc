#include "clients/cli/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "common/rpc/client_channel.h"
#include "common/rpc/tls_credentials.h"
#include "common/status/status.h"
#include "switchyard/config/v1/config.pb.h"

namespace switchyard::clients::cli {
namespace {

constexpr char kUnix[] = "unix:";

// What a header may hold; a token with anything else was cut or is no token.
bool IsTokenByte(char c) { return c > ' ' && c < 0x7F; }

absl::StatusOr<config::Secret> ReadToken(const CommandLine& line,
                                         const std::string& token_from_environment) {
  std::string text = token_from_environment;
  std::string from = "SWITCHYARD_TOKEN";
  if (!line.token_file.empty()) {
    from = line.token_file;
    std::ifstream in(line.token_file);
    text.assign(std::istreambuf_iterator<char>(in), {});
    if (!in) return absl::InvalidArgumentError("--token_file: cannot read " + from);
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  }
  const bool is_token = (!text.empty() || line.token_file.empty()) &&
                        std::all_of(text.begin(), text.end(), IsTokenByte);
  config::Secret token(text);
  config::WipeString(text);
  if (!is_token) return absl::InvalidArgumentError(from + " holds no token");
  return token;
}

}  // namespace

absl::StatusOr<Connection> Connection::Create(const CommandLine& line,
                                              const std::string& token_from_environment) {
  Connection connection;
  SWITCHYARD_ASSIGN_OR_RETURN(connection.token_, ReadToken(line, token_from_environment));
  const bool is_unix = line.router.starts_with(kUnix);
  if (!connection.token_.empty() && !line.tls && !is_unix) {
    return absl::InvalidArgumentError(
        fmt::format("a token is not sent to {} in plaintext: give --tls (or --ca_file), or go by a "
                    "unix socket",
                    line.router));
  }
  rpc::ChannelOptions options;
  if (line.tls) {
    config::v1::ClientTlsConfig tls;
    tls.set_ca_file(line.ca_file);
    tls.set_certificate_file(line.cert_file);
    tls.set_private_key_file(line.key_file);
    SWITCHYARD_ASSIGN_OR_RETURN(options.credentials,
                                rpc::MakeClientCredentials(tls, "tls", *connection.metrics_));
    options.server_name = line.server_name;
  }
  connection.channel_ = rpc::MakeChannel(line.router, options);
  return connection;
}

void Connection::Authorize(grpc::ClientContext& context) const {
  if (token_.empty()) return;
  context.AddMetadata("authorization", "Bearer " + std::string(token_.Reveal()));
}

}  // namespace switchyard::clients::cli
