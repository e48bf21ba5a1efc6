#include "tests/common/net/test_certificates.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <fstream>
#include <stdexcept>

namespace switchyard::net::testing {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Free>;
using CertificatePtr = std::unique_ptr<X509, Free>;
using BioPtr = std::unique_ptr<BIO, Free>;

constexpr long kX509Version3 = 2;
constexpr long kDaySeconds = 24 * 60 * 60;

void Require(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(what);
}

std::string ToText(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

std::string ToPem(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  Require(PEM_write_bio_X509(bio.get(), certificate) == 1, "write certificate");
  return ToText(bio.get());
}

std::string ToPem(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  Require(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "write key");
  return ToText(bio.get());
}

void AddExtension(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
  Require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1,
          "add extension");
}

// Everything but extensions and signature. `name` is the subject's.
CertificatePtr NewCertificate(EVP_PKEY* key, const char* name, std::chrono::seconds lifetime) {
  static std::atomic<long> serial{1};
  CertificatePtr certificate(X509_new());
  X509_set_version(certificate.get(), kX509Version3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), lifetime.count() - kDaySeconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), lifetime.count());
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  return certificate;
}

}  // namespace

struct TestAuthority::Native {
  KeyPtr key;
  CertificatePtr certificate;
};

TestAuthority::TestAuthority() : native_(std::make_unique<Native>()) {
  native_->key.reset(EVP_EC_gen("P-256"));
  Require(native_->key != nullptr, "make key");
  native_->certificate =
      NewCertificate(native_->key.get(), "test authority", std::chrono::hours(1));
  X509* certificate = native_->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  AddExtension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(certificate, certificate, NID_key_usage, "critical,keyCertSign");
  Require(X509_sign(certificate, native_->key.get(), EVP_sha256()) > 0, "sign authority");
}

TestAuthority::~TestAuthority() = default;

TlsIdentity TestAuthority::Issue(const std::string& subject_alternative_name,
                                 std::chrono::seconds lifetime) const {
  const KeyPtr key(EVP_EC_gen("P-256"));
  Require(key != nullptr, "make key");
  const CertificatePtr certificate = NewCertificate(key.get(), "test server", lifetime);
  X509* issuer = native_->certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer));
  AddExtension(certificate.get(), issuer, NID_subject_alt_name, subject_alternative_name);
  Require(X509_sign(certificate.get(), native_->key.get(), EVP_sha256()) > 0, "sign certificate");
  return {ToPem(certificate.get()), ToPem(key.get())};
}

std::string TestAuthority::WriteCaFile() const {
  static std::atomic<int> count{0};
  const std::string path = ::testing::TempDir() + "/ca" + std::to_string(count++) + ".pem";
  std::ofstream file(path);
  file << ToPem(native_->certificate.get());
  Require(file.flush().good(), "write CA file");
  return path;
}

}  // namespace switchyard::net::testing
