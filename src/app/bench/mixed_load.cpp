#include "app/bench/mixed_load.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <memory>
#include <utility>

#include "app/operate/backup.h"
#include "base/clock.h"
#include "base/http/client.h"
#include "base/random.h"

namespace zhiyin {
namespace {

constexpr double kEventsPeriod = 0.01;       // seconds between two batches
constexpr std::int64_t kMostEvents = 5'000;  // of a batch
constexpr std::size_t kAsked = 14;           // kinds of questions

std::string some_user(Random& random) { return fmt::format("u{}", random.below(kMixedUsers)); }
std::string some_item(Random& random) { return fmt::format("i{}", random.below(kMixedItems)); }

// Mostly views, some opinions, and now and then one is taken back.
std::string some_event(Random& random, const std::string& id) {
  const auto drawn = random.below(100);
  const auto* type = drawn < 60   ? "view"
                     : drawn < 75 ? "impression"
                     : drawn < 92 ? "like"
                     : drawn < 97 ? "dislike"
                                  : "retraction";
  auto row = fmt::format(R"({{"type":"{}","user":"{}","item":"{}")", type, some_user(random), some_item(random));
  if (drawn < 60) row += fmt::format(R"(,"value":{:.2f})", random.uniform());
  if (!id.empty()) row += fmt::format(R"(,"id":"{}")", id);
  return row + "}";
}

}  // namespace

// One client. An answer that is not there, or says that the server is at fault, is an error of the load.
class MixedLoad::Asker {
 public:
  Asker(MixedLoad& load, std::uint64_t seed) : random(seed), load_(load) {}

  // Null after an error.
  Json ask(http::Method method, const std::string& target, const std::string& body = {}) {
    if (!connect()) return {};
    const auto answer = client_->request(method, target, body);
    if (!answer.ok() || answer->status >= 500) {
      load_.fail(fmt::format(
          "{}: {}", target, answer.ok() ? fmt::format("{} {}", answer->status, answer->body) : answer.error().message));
      client_.reset();
      return {};
    }
    if (answer->status == 429) {
      ++load_.busy_;
      return {};
    }
    auto said = Json::parse(answer->body);
    return said.ok() ? std::move(*said) : Json();
  }

  // Opens a stream, hears its first words, and leaves.
  void hear(const std::string& target) {
    client_.reset();
    if (!connect()) return;
    const auto sent = client_->send(fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", target));
    const auto heard = sent.ok() ? client_->receive_until("\n\n") : Result<std::string>(sent.error());
    if (!heard.ok()) load_.fail(fmt::format("{}: {}", target, heard.error().message));
    client_.reset();
  }

  Random random;

 private:
  bool connect() {
    if (client_ != nullptr) return true;
    auto client = http::Client::connect("127.0.0.1", load_.options_.port, {.timeout_s = 60});
    if (!client.ok()) load_.fail(client.error().message);
    if (client.ok()) client_ = std::move(*client);
    return client_ != nullptr;
  }

  MixedLoad& load_;
  std::unique_ptr<http::Client> client_;
};

MixedLoad::MixedLoad(MixedLoadOptions options) : options_(std::move(options)) {
  every(kEventsPeriod, [this](Asker& asker, std::int64_t round) { send_events(asker, round); });
  every(0.2, [this](Asker& asker, std::int64_t round) { come_as_guest(asker, round); });
  for (int i = 0; i < 2; ++i) every(0.01, [this](Asker& asker, std::int64_t round) { ask(asker, round); });
  every(0.5, [this](Asker& asker, std::int64_t round) { change(asker, round); });
  every(1, [this](Asker& asker, std::int64_t /*round*/) { listen(asker); });
  every(options_.backup_s, [this](Asker& /*asker*/, std::int64_t /*round*/) { back_up_home(); });
}

MixedLoad::~MixedLoad() { stop(); }

void MixedLoad::stop() {
  for (auto& thread : threads_) thread.request_stop();
  threads_.clear();
}

void MixedLoad::every(double seconds, std::function<void(Asker&, std::int64_t round)> once) {
  threads_.emplace_back([this, seconds, once = std::move(once), seed = threads_.size()](const std::stop_token& stop) {
    Asker asker(*this, seed);
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    for (std::int64_t round = 0; !stop.stop_requested(); ++round) {
      once(asker, round);
      never.wait_for(lock, stop, std::chrono::duration<double>(seconds), [] { return false; });
    }
  });
}

// As many as are due by now. Half of them have ids, and one of each batch was sent before.
void MixedLoad::send_events(Asker& asker, std::int64_t round) {
  const auto due = static_cast<std::int64_t>(since_start_.seconds() * static_cast<double>(options_.rate));
  const auto count = std::clamp<std::int64_t>(due - sent_, 1, kMostEvents);
  sent_ = std::max(due, sent_ + count);
  std::string body = "[";
  for (std::int64_t i = 0; i < count; ++i) {
    const auto id = i % 2 == 0 ? fmt::format("e{}-{}", round, i) : std::string();
    body += some_event(asker.random, i == 0 && round > 0 ? fmt::format("e{}-2", round - 1) : id);
    body += i + 1 < count ? ',' : ']';
  }
  const auto said = asker.ask(http::Method::kPost, "/v1/events", body);
  events_ += said["accepted"].as_integer();
  duplicates_ += said["duplicates"].as_integer();
}

void MixedLoad::come_as_guest(Asker& asker, std::int64_t round) {
  const auto guest = fmt::format("g{}", round);
  const auto slate = asker.ask(http::Method::kGet, fmt::format("/v1/recommend?guest={}&n=10", guest));
  const auto& items = slate["items"].elements();
  if (items.empty()) return;
  asker.ask(http::Method::kPost, "/v1/events",
            fmt::format(R"([{{"type":"like","user":"guest:{}","item":"{}","recommendation":"{}"}}])", guest,
                        items.front()["id"].as_string(), slate["recommendation"].as_string()));
  if (round % 5 == 0) {
    asker.ask(http::Method::kPost, fmt::format("/v1/users/{}/merge", some_user(asker.random)),
              fmt::format(R"({{"guest":"{}"}})", guest));
  }
  ++guests_;
}

void MixedLoad::ask(Asker& asker, std::int64_t round) {
  const auto user = some_user(asker.random);
  const auto item = some_item(asker.random);
  const std::array<std::string, kAsked> targets = {
      "/v1/recommend?n=10&user=" + user,
      "/v1/items/" + item + "/similar?n=10",
      "/v1/recommend?n=20&lang=zh&user=" + user,
      "/v1/users/" + user,
      "/v1/trending?window=day&n=20",
      "/v1/recommend?n=10&category=even&user=" + user,
      "/v1/popular?window=week&n=20",
      "/v1/search?q=item+" + item.substr(1),
      "/v1/latest?n=20&category=odd",
      "/v1/users/" + user + "/similar?n=5",
      "/v1/users?n=20",
      "/v1/items/" + item,
      "/metrics",
      "/healthz",
  };
  asker.ask(http::Method::kGet, targets[static_cast<std::size_t>(round) % targets.size()]);
  ++answers_;
}

// An item that comes and goes, one that gets other words, and the settings, read again.
void MixedLoad::change(Asker& asker, std::int64_t round) {
  switch (round % 4) {
    case 0:
      asker.ask(http::Method::kPut, fmt::format("/v1/items/new{}", round % 100),
                R"({"title":"A new one","tags":["even"]})");
      break;
    case 1:
      asker.ask(http::Method::kPatch, "/v1/items/" + some_item(asker.random),
                fmt::format(R"({{"title":"Item as of round {}"}})", round));
      break;
    case 2: asker.ask(http::Method::kDelete, fmt::format("/v1/items/new{}", (round - 2) % 100)); break;
    default: asker.ask(http::Method::kPost, "/v1/admin/reload"); break;
  }
  ++changes_;
}

void MixedLoad::listen(Asker& asker) {
  asker.hear("/v1/stream?user=" + some_user(asker.random));
  ++streams_;
}

void MixedLoad::back_up_home() {
  const auto done =
      back_up(options_.home, options_.home.parent_path() / "backup.tar", SystemClock(), {.replace = true});
  if (!done.ok()) return fail(done.error().message);
  ++backups_;
}

void MixedLoad::fail(const std::string& what) {
  ++errors_;
  const std::lock_guard lock(mutex_);
  if (first_error_.empty()) first_error_ = what;
}

std::string MixedLoad::first_error() const {
  const std::lock_guard lock(mutex_);
  return first_error_;
}

Json MixedLoad::counts() const {
  return Json::object({{"events", events_.load()},
                       {"duplicates", duplicates_.load()},
                       {"busy", busy_.load()},
                       {"answers", answers_.load()},
                       {"guests", guests_.load()},
                       {"changes", changes_.load()},
                       {"streams", streams_.load()},
                       {"backups", backups_.load()}});
}

}  // namespace zhiyin
