#include "common/rpc/tls_material.h"

#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "common/status/status.h"

namespace switchyard::rpc {
namespace {

// A chain or a bundle of authorities is a few KiB, the system's own bundle 200.
constexpr std::size_t kMaxFileBytes = 4u << 20;

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

absl::Status Refuse(const TlsFiles& files, std::string_view field, const std::string& path,
                    std::string_view why) {
  return InvalidField(fmt::format("{}.{}", files.section, field), fmt::format("{}: {}", path, why));
}

// Without buffering, which would leave a copy of a key behind. Errors: why not.
absl::StatusOr<config::Secret> ReadWhole(const std::string& path) {
  const std::unique_ptr<std::FILE, decltype(&std::fclose)> file(std::fopen(path.c_str(), "re"),
                                                                &std::fclose);
  if (!file) return absl::NotFoundError(fmt::format("cannot be read: {}", std::strerror(errno)));
  std::setbuf(file.get(), nullptr);
  // Grown by hand, so that every buffer that goes is wiped.
  std::size_t size = 0;
  std::string bytes(16u << 10, '\0');
  while (true) {
    const std::size_t got = std::fread(bytes.data() + size, 1, bytes.size() - size, file.get());
    size += got;
    if (got == 0) break;
    if (size < bytes.size()) continue;
    if (size >= kMaxFileBytes) {
      config::WipeString(bytes);
      return absl::InvalidArgumentError("too large to be a PEM file");
    }
    std::string larger(bytes.size() * 2, '\0');
    larger.replace(0, size, bytes, 0, size);
    config::WipeString(bytes);
    bytes = std::move(larger);
  }
  const bool failed = std::ferror(file.get()) != 0;
  config::Secret content(std::string_view(bytes).substr(0, size));
  config::WipeString(bytes);
  if (failed) return absl::NotFoundError("cannot be read");
  return content;
}

Bio ReadOnly(std::string_view text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
}

// All certificates of a PEM text; none where any of them is broken.
std::vector<Certificate> ParseCertificates(std::string_view pem) {
  const Bio bio = ReadOnly(pem);
  std::vector<Certificate> certificates;
  while (X509* each = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    certificates.emplace_back(each, &X509_free);
  }
  // At the end there is no further start line; any other error is a broken certificate.
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) certificates.clear();
  ERR_clear_error();
  return certificates;
}

TimeNs EndOf(X509* certificate) {
  std::tm parts = {};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return {};
  return TimeNs::FromSeconds(timegm(&parts));
}

absl::Status ReadAuthorities(const TlsFiles& files, TlsMaterial* material) {
  if (files.authority_file.empty()) return absl::OkStatus();
  const absl::StatusOr<config::Secret> text = ReadWhole(files.authority_file);
  if (!text.ok()) {
    return Refuse(files, files.authority_field, files.authority_file,
                  std::string(text.status().message()));
  }
  if (ParseCertificates(text->Reveal()).empty()) {
    return Refuse(files, files.authority_field, files.authority_file, "holds no PEM certificates");
  }
  material->authorities = std::string(text->Reveal());
  return absl::OkStatus();
}

// The first certificate of the chain.
absl::StatusOr<Certificate> ReadChain(const TlsFiles& files, TimeNs now, TlsMaterial* material) {
  constexpr std::string_view kField = "certificate_file";
  const std::string& path = files.certificate_file;
  const absl::StatusOr<config::Secret> text = ReadWhole(path);
  if (!text.ok()) return Refuse(files, kField, path, std::string(text.status().message()));
  std::vector<Certificate> chain = ParseCertificates(text->Reveal());
  if (chain.empty()) return Refuse(files, kField, path, "holds no PEM certificates");
  material->certificate_chain = std::string(text->Reveal());
  material->expires = EndOf(chain.front().get());
  if (material->expires <= now) {
    return Refuse(files, kField, path, "ended at " + FormatUtc(material->expires));
  }
  return std::move(chain.front());
}

absl::Status ReadKey(const TlsFiles& files, X509* certificate, TlsMaterial* material) {
  constexpr std::string_view kField = "private_key_file";
  const std::string& path = files.private_key_file;
  absl::StatusOr<config::Secret> text = ReadWhole(path);
  if (!text.ok()) return Refuse(files, kField, path, std::string(text.status().message()));
  const Bio bio = ReadOnly(text->Reveal());
  // An encrypted key must not ask for its password on the terminal.
  const auto no_password = [](char*, int, int, void*) { return 0; };
  const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr), &EVP_PKEY_free);
  const bool fits = key && X509_check_private_key(certificate, key.get()) == 1;
  ERR_clear_error();
  if (!key) return Refuse(files, kField, path, "holds no PEM private key without a password");
  if (!fits) return Refuse(files, kField, path, "is not the key of " + files.certificate_file);
  material->private_key = *std::move(text);
  return absl::OkStatus();
}

}  // namespace

bool TlsMaterial::SameAs(const TlsMaterial& other) const {
  return certificate_chain == other.certificate_chain && authorities == other.authorities &&
         private_key.Equals(other.private_key.Reveal());
}

absl::StatusOr<TlsMaterial> ReadTlsMaterial(const TlsFiles& files, TimeNs now) {
  TlsMaterial material;
  SWITCHYARD_RETURN_IF_ERROR(ReadAuthorities(files, &material));
  if (files.certificate_file.empty()) return material;
  SWITCHYARD_ASSIGN_OR_RETURN(const Certificate certificate, ReadChain(files, now, &material));
  SWITCHYARD_RETURN_IF_ERROR(ReadKey(files, certificate.get(), &material));
  return material;
}

}  // namespace switchyard::rpc
