#include "tests/common/rpc/test_certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <cstdio>
#include <fstream>

namespace switchyard::rpc {
namespace {

template <typename Write>
std::string ToPem(Write write) {
  BIO* const bio = BIO_new(BIO_s_mem());
  write(bio);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  std::string text(bytes, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

void AddExtension(X509* certificate, int kind, const std::string& value) {
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

X509* NewCertificate(const TestSubject& subject, EVP_PKEY* key) {
  static std::atomic<long> serial{1};
  X509* const certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -7'200);
  X509_gmtime_adj(X509_getm_notAfter(certificate), subject.ends_in_seconds);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(subject.common_name.c_str()),
                             -1, -1, 0);
  X509_set_pubkey(certificate, key);
  if (!subject.alternative_names.empty()) {
    AddExtension(certificate, NID_subject_alt_name, subject.alternative_names);
  }
  return certificate;
}

TestCertificate ToText(X509* certificate, EVP_PKEY* key) {
  return {ToPem([&](BIO* bio) { PEM_write_bio_X509(bio, certificate); }), ToPem([&](BIO* bio) {
            PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

}  // namespace

struct TestAuthority::Parts {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = nullptr;
};

TestAuthority::TestAuthority(const std::string& name) : parts_(std::make_unique<Parts>()) {
  parts_->certificate = NewCertificate({.common_name = name, .alternative_names = ""}, parts_->key);
  AddExtension(parts_->certificate, NID_basic_constraints, "critical,CA:TRUE");
  X509_set_issuer_name(parts_->certificate, X509_get_subject_name(parts_->certificate));
  X509_sign(parts_->certificate, parts_->key, EVP_sha256());
  own_ = ToText(parts_->certificate, parts_->key);
}

TestAuthority::~TestAuthority() {
  X509_free(parts_->certificate);
  EVP_PKEY_free(parts_->key);
}

TestCertificate TestAuthority::Sign(const TestSubject& subject) const {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const certificate = NewCertificate(subject, key);
  X509_set_issuer_name(certificate, X509_get_subject_name(parts_->certificate));
  X509_sign(certificate, parts_->key, EVP_sha256());
  TestCertificate text = ToText(certificate, key);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return text;
}

void WriteFile(const std::string& path, const std::string& content) {
  std::ofstream(path + ".new") << content;
  std::rename((path + ".new").c_str(), path.c_str());
}

}  // namespace switchyard::rpc
