#include "common/rpc/tls_reloader.h"

#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"

namespace switchyard::rpc {
namespace {

metrics::Counter& CountReloads(metrics::Metrics& metrics, const TlsFiles& files,
                               const char* outcome) {
  return metrics.AddCounter("switchyard_tls_reloads_total",
                            "Readings of TLS files that found others, or none that can serve.",
                            {{"section", files.section}, {"outcome", outcome}});
}

}  // namespace

TlsReloader::TlsReloader(TlsFiles files, std::chrono::milliseconds interval,
                         metrics::Metrics& metrics, Use use)
    : files_(std::move(files)),
      interval_(interval),
      use_(std::move(use)),
      changed_(CountReloads(metrics, files_, "changed")),
      failed_(CountReloads(metrics, files_, "failed")),
      expiry_(metrics.AddGauge("switchyard_tls_certificate_expiry_seconds",
                               "When the own certificate ends, since 1970.",
                               {{"section", files_.section}})) {}

absl::StatusOr<std::unique_ptr<TlsReloader>> TlsReloader::Start(TlsFiles files,
                                                                std::chrono::milliseconds interval,
                                                                metrics::Metrics& metrics,
                                                                Use use) {
  SWITCHYARD_ASSIGN_OR_RETURN(TlsMaterial material, ReadTlsMaterial(files, SystemClock().Now()));
  std::unique_ptr<TlsReloader> reloader(
      new TlsReloader(std::move(files), interval, metrics, std::move(use)));
  reloader->Adopt(std::move(material));
  reloader->thread_ = std::thread([self = reloader.get()] { self->Run(); });
  return reloader;
}

TlsReloader::~TlsReloader() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void TlsReloader::Adopt(TlsMaterial material) {
  current_ = std::move(material);
  expiry_.Set(current_.expires.Seconds());
  use_(current_);
}

void TlsReloader::ReadAgain() {
  absl::StatusOr<TlsMaterial> material = ReadTlsMaterial(files_, SystemClock().Now());
  if (!material.ok()) {
    failed_.Increment();
    if (std::string error(material.status().message()); error != told_) {
      log::Error("tls_files_unusable", {{"section", files_.section}, {"error", error}});
      told_ = std::move(error);
    }
    return;
  }
  told_.clear();
  if (material->SameAs(current_)) return;
  changed_.Increment();
  Adopt(*std::move(material));
  log::Info("tls_files_changed",
            {{"section", files_.section}, {"expires", FormatUtc(current_.expires)}});
}

void TlsReloader::Run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, interval_, [this] { return stopping_; })) {
    lock.unlock();
    ReadAgain();
    lock.lock();
  }
}

}  // namespace switchyard::rpc
