#pragma once

#include <boost/asio/ssl/context.hpp>

#include "common/net/tls_context.h"

namespace switchyard::net {

struct TlsContext::Native {
  boost::asio::ssl::context context{boost::asio::ssl::context::tls_client};
};

}  // namespace switchyard::net
