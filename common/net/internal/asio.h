#pragma once

// Names for the parts of Asio that this package builds on. For .cc files and
// internal headers only: nothing that other packages include may include this.

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>

namespace switchyard::net::internal {

namespace asio = boost::asio;

using ErrorCode = boost::system::error_code;
// The concrete executor: any_io_executor would add an indirect call to each
// operation.
using Executor = asio::io_context::executor_type;
using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

}  // namespace switchyard::net::internal
