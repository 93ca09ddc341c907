// TLS, with a certificate made here by the openssl command and asked by curl.
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file.h"
#include "base/http/client.h"
#include "base/http/server.h"
#include "support/temporary_folder.h"

namespace zhiyin::http {
namespace {

class Tls : public ::testing::Test {
 protected:
  static int shell(const std::string& command) { return WEXITSTATUS(std::system((command + " 2>/dev/null").c_str())); }

  std::string file(const std::string& name) const { return (folder_ / name).string(); }

  void certify(const std::string& name) {
    ASSERT_EQ(
        shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=" + name +
              " -addext subjectAltName=DNS:localhost -keyout " + file("key.pem") + " -out " + file("cert.pem")),
        0);
  }

  void start() {
    certify("first");
    server_ = Server::start({.port = 0,
                             .threads = 2,
                             .certificate = file("cert.pem"),
                             .private_key = file("key.pem"),
                             .header_deadline_s = 0.3},
                            [this](const Request& request) {
                              if (request.path == "/file") return file_response(folder_ / "big", "text/plain");
                              return text_response(200, request.body + "!", "text/plain");
                            })
                  .value();
  }

  // The exit code of curl, which trusts the certificate that is there now; what it got is in the file "out".
  int curl(const std::string& path, const std::string& more = {}) {
    return shell("curl -s --max-time 20 --cacert " + file("cert.pem") + " -o " + file("out") + " " + more +
                 " https://localhost:" + std::to_string(server_->port()) + path);
  }
  std::string out() { return read_file(folder_ / "out").value(); }

  TemporaryFolder folder_;
  std::unique_ptr<Server> server_;
};

TEST_F(Tls, AnswersOverIt) {
  start();
  EXPECT_EQ(curl("/", "--data-binary hello"), 0);
  EXPECT_EQ(out(), "hello!");
  EXPECT_EQ(curl("/", "--tls-max 1.2 --data-binary hello"), 0);
  ASSERT_EQ(shell("head -c 3000000 /dev/urandom > " + file("big")), 0);
  EXPECT_EQ(curl("/", "-H Expect: --data-binary @" + file("big")), 0);
  EXPECT_EQ(out(), read_file(folder_ / "big").value() + "!");
  EXPECT_EQ(curl("/file"), 0);
  EXPECT_EQ(out(), read_file(folder_ / "big").value());
  EXPECT_EQ(curl("/file", "-r 10-19"), 0);
  EXPECT_EQ(out(), read_file(folder_ / "big").value().substr(10, 10));
}

TEST_F(Tls, OldVersionsAreRefused) {
  start();
  EXPECT_NE(curl("/", "--tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0"), 0);
  EXPECT_EQ(server_->counters().requests, 0);
}

TEST_F(Tls, AnotherCertificateHoldsFromTheNextConnectionOn) {
  start();
  ASSERT_EQ(shell("cp " + file("cert.pem") + " " + file("old.pem")), 0);
  ASSERT_TRUE(write_file_atomic(folder_ / "cert.pem", "no certificate").ok());
  EXPECT_FALSE(server_->reload_certificate().ok());
  ASSERT_EQ(shell("cp " + file("old.pem") + " " + file("cert.pem")), 0);
  EXPECT_EQ(curl("/"), 0) << "the old one serves on";
  certify("second");
  EXPECT_NE(curl("/"), 0) << "not yet";
  ASSERT_TRUE(server_->reload_certificate().ok());
  EXPECT_EQ(curl("/"), 0);
}

TEST_F(Tls, WhatIsNoHandshakeIsClosed) {
  start();
  const auto plain = Client::connect("127.0.0.1", server_->port(), {.timeout_s = 5}).value();
  EXPECT_FALSE(plain->get("/").ok());
  const auto silent = Client::connect("127.0.0.1", server_->port(), {.timeout_s = 5}).value();
  EXPECT_TRUE(silent->wait_for_close().ok()) << "a handshake has a deadline";
  EXPECT_EQ(curl("/"), 0);
}

TEST_F(Tls, WhatIsNoCertificateStopsTheStartByName) {
  certify("first");
  const auto start = [&](const std::string& certificate, const std::string& key) {
    const auto server = Server::start({.port = 0, .certificate = certificate, .private_key = key},
                                      [](const Request&) { return Response(); });
    return server.ok() ? "" : server.error().message;
  };
  EXPECT_NE(start(file("nothing.pem"), file("key.pem")).find("nothing.pem"), std::string::npos);
  EXPECT_NE(start(file("cert.pem"), file("cert.pem")).find("is no key of"), std::string::npos);
  EXPECT_NE(start(file("cert.pem"), "").find("both"), std::string::npos);
  ASSERT_EQ(shell("openssl ec -in " + file("key.pem") + " -aes128 -passout pass:secret -out " + file("locked.pem")), 0);
  EXPECT_NE(start(file("cert.pem"), file("locked.pem")).find("passphrase"), std::string::npos);
}

}  // namespace
}  // namespace zhiyin::http
