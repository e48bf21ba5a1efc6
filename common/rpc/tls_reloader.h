#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "common/metrics/metrics.h"
#include "common/rpc/tls_material.h"

namespace switchyard::rpc {

// Reads the files of one side of TLS again and again, on a thread of its own. What cannot serve is
// logged once for each different error and counted, and what was read before stays:
//   switchyard_tls_reloads_total{section,outcome="changed"|"failed"}
//   switchyard_tls_certificate_expiry_seconds{section}   since 1970; 0 without a certificate
class TlsReloader {
 public:
  // Takes what is to serve from now on.
  using Use = std::function<void(const TlsMaterial& material)>;

  // Reads once and calls `use` before it returns; later `use` is called on the reloader's thread
  // when the content has changed. `metrics` must outlive the reloader.
  // Errors: those of ReadTlsMaterial.
  static absl::StatusOr<std::unique_ptr<TlsReloader>> Start(TlsFiles files,
                                                            std::chrono::milliseconds interval,
                                                            metrics::Metrics& metrics, Use use);
  TlsReloader(const TlsReloader&) = delete;
  TlsReloader& operator=(const TlsReloader&) = delete;
  ~TlsReloader();

 private:
  TlsReloader(TlsFiles files, std::chrono::milliseconds interval, metrics::Metrics& metrics,
              Use use);
  void Adopt(TlsMaterial material);
  void ReadAgain();
  void Run();

  const TlsFiles files_;
  const std::chrono::milliseconds interval_;
  const Use use_;
  metrics::Counter& changed_;
  metrics::Counter& failed_;
  metrics::Gauge& expiry_;
  TlsMaterial current_;  // Start, then the thread
  std::string told_;     // the error that was logged last; the thread

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace switchyard::rpc
