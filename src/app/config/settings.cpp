#include "app/config/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <functional>
#include <type_traits>
#include <vector>

#include "app/config/access_settings.h"
#include "base/file.h"
#include "base/text.h"
#include "base/toml.h"

namespace zhiyin {
namespace {

// One key: "section.name", what it means, and where it goes.
struct Key {
  std::string_view name;
  std::string_view sentence;
  double low = 0;
  double high = 0;
  bool whole = false;
  std::function<void(Settings&, double)> set_number;
  std::function<double(const Settings&)> get_number;
  std::function<Result<void>(Settings&, const std::string&)> set_text;
  std::function<std::string(const Settings&)> get_text;
  std::vector<std::string_view> words;  // that a text may be; empty: any
};

template <typename Member>
Key number(std::string_view name, std::string_view sentence, double low, double high, Member member) {
  using Value = std::remove_reference_t<decltype(member(std::declval<Settings&>()))>;
  Key key{name, sentence, low, high, std::is_integral_v<Value>, {}, {}, {}, {}, {}};
  key.set_number = [member](Settings& settings, double value) { member(settings) = static_cast<Value>(value); };
  key.get_number = [member](const Settings& settings) {
    return static_cast<double>(member(const_cast<Settings&>(settings)));
  };
  return key;
}

template <typename Member>
Key text(std::string_view name, std::string_view sentence, Member member) {
  Key key{name, sentence, 0, 0, false, {}, {}, {}, {}, {}};
  key.set_text = [member](Settings& settings, const std::string& value) -> Result<void> {
    member(settings) = value;
    return {};
  };
  key.get_text = [member](const Settings& settings) { return member(const_cast<Settings&>(settings)); };
  return key;
}

// One of these words, which stand in the order of the member's enum.
template <typename Member>
Key choice(std::string_view name, std::string_view sentence, std::vector<std::string_view> words, Member member) {
  using Enum = std::remove_reference_t<decltype(member(std::declval<Settings&>()))>;
  Key key{name, sentence, 0, 0, false, {}, {}, {}, {}, words};
  key.set_text = [member, words](Settings& settings, const std::string& word) -> Result<void> {
    member(settings) = static_cast<Enum>(std::ranges::find(words, word) - words.begin());
    return {};
  };
  key.get_text = [member, words](const Settings& settings) {
    return std::string(words[static_cast<std::size_t>(member(const_cast<Settings&>(settings)))]);
  };
  return key;
}

// Points of a curve.
template <typename Member>
Key curve(std::string_view name, std::string_view sentence, Member member) {
  Key key{name, sentence, 0, 0, false, {}, {}, {}, {}, {}};
  key.set_text = [member](Settings& settings, const std::string& value) -> Result<void> {
    ZY_TRY(member(settings), Curve::parse(value));
    return {};
  };
  key.get_text = [member](const Settings& settings) { return member(const_cast<Settings&>(settings)).text(); };
  return key;
}

// What each type of event says of an item.
std::vector<Key> weight_keys() {
  static const auto texts = [] {
    std::array<std::pair<std::string, std::string>, kEventTypeNames.size()> all;  // name, sentence
    std::ranges::transform(kEventTypeNames, all.begin(), [](auto type) {
      return std::pair(fmt::format("events.{}", type),
                       fmt::format("What a {} says of its item: above 0 for it, below 0 against it, 0 nothing.", type));
    });
    return all;
  }();
  std::vector<Key> keys;
  for (std::size_t type = 0; type < texts.size(); ++type) {
    if (static_cast<EventType>(type) == EventType::kMerge) continue;  // it is of no item
    keys.push_back(number(
        texts[type].first, texts[type].second, -10,
        10, [type](Settings & s) -> auto& { return s.service.live.events.weight[type]; }));
  }
  return keys;
}

std::vector<Key> all_keys() {
  std::vector<Key> all = {
      number(
          "scan.wall_s", "Seconds one file may take to decode.", 1, 3600,
          [](Settings & s) -> auto& { return s.scan.wall_s; }),
      number(
          "scan.cpu_s", "Seconds of processor time one file may take.", 1, 3600,
          [](Settings & s) -> auto& { return s.scan.cpu_s; }),
      number(
          "scan.memory_bytes", "Memory the decoder of one file may use.", 256e6, 64e9,
          [](Settings & s) -> auto& { return s.scan.memory_bytes; }),
      number(
          "scan.pixels", "Pixels a frame may have; a larger one is refused.", 1e4, 1e9,
          [](Settings & s) -> auto& { return s.scan.pixels; }),
      number(
          "scan.key_frames", "Frames of a video that are looked at.", 1, 200,
          [](Settings & s) -> auto& { return s.scan.key_frames; }),
      number(
          "scan.sound_s", "Seconds of sound that are listened to, from the middle of the file.", 1, 3600,
          [](Settings & s) -> auto& { return s.scan.sound_s; }),
      number(
          "scan.speech_to_words",
          "Whether speech becomes words (1) or not (0): costs half to all of the seconds spoken in processor time.", 0,
          1, [](Settings & s) -> auto& { return s.senses.speech_to_words; }),
      number(
          "scan.preview", "Whether videos get a short moving preview: 1 or 0.", 0, 1,
          [](Settings & s) -> auto& { return s.scan.preview; }),
      choice(
          "store.vectors",
          "How the vectors of items are kept: in half precision, \"int8\" (those of unit length in eight bits, the "
          "others in half) or \"float\". What is kept already stays as it is.",
          {"float", "half", "int8"}, [](Settings & s) -> auto& { return s.store.vectors; }),
      text(
          "endpoint.url",
          "A server that speaks OpenAI's protocol (llama.cpp, vLLM, Ollama), as http://127.0.0.1:8080/v1; empty for "
          "none. Words of your files are sent to it.",
          [](Settings & s) -> auto& { return s.endpoint.url; }),
      text(
          "endpoint.model", "The model there that turns texts into vectors; empty for none.",
          [](Settings & s) -> auto& { return s.endpoint.model; }),
      text(
          "endpoint.chat_model", "The model there that writes summaries and tags of files with words; empty for none.",
          [](Settings & s) -> auto& { return s.endpoint.chat_model; }),
      text(
          "endpoint.key_env", "The environment variable that holds the server's key; empty where it wants none.",
          [](Settings & s) -> auto& { return s.endpoint.key_env; }),
      number(
          "endpoint.requests_per_minute", "Requests that are sent to it in a minute, at most.", 0.1, 100000,
          [](Settings & s) -> auto& { return s.endpoint.requests_per_minute; }),
      number(
          "endpoint.timeout_s", "Seconds that one question to it may take, attempts and pauses together.", 0.1, 600,
          [](Settings & s) -> auto& { return s.endpoint.timeout_s; }),
      number(
          "events.ttl_days",
          "Days after which an opinion no longer counts, by the time of the newest event; 0: it counts for ever.", 0,
          100'000, [](Settings & s) -> auto& { return s.service.live.events.ttl_days; }),
      number(
          "events.max_waiting",
          "Events that may wait for the disk; more are answered with 429 until there is room. About 400 bytes each.", 1,
          1e9, [](Settings & s) -> auto& { return s.service.ingest.max_waiting_events; }),
      number(
          "events.remembered",
          "Items of slates that are remembered, to tell what each source of the feed earns. About 100 bytes each.", 1,
          1e9, [](Settings & s) -> auto& { return s.service.live.outcomes.remembered; }),
      number(
          "live.most_users",
          "Users whose recent past is kept in memory; above that, those who did nothing for longest are forgotten.",
          1000, 1e9, [](Settings & s) -> auto& { return s.service.live.most_users; }),
      number(
          "live.most_trending_items", "Items whose last days are counted; above that, the quietest are forgotten.",
          1000, 1e9, [](Settings & s) -> auto& { return s.service.live.trending.most_items; }),
      number(
          "online.on", "Whether the collaborative model learns between trainings (1) or not (0).", 0, 1,
          [](Settings & s) -> auto& { return s.service.learning.on; }),
      number(
          "online.events", "So many events that wait are learned at once.", 1, 1e6,
          [](Settings & s) -> auto& { return s.service.learning.events; }),
      number(
          "online.seconds", "Fewer are learned after so many seconds.", 0.01, 3600,
          [](Settings & s) -> auto& { return s.service.learning.seconds; }),
      number(
          "online.share", "What of one core it takes at most; on a large home this sets the pace.", 0.01, 1,
          [](Settings & s) -> auto& { return s.service.learning.share; }),
      number(
          "online.most_pairs",
          "Pairs of user and item that it remembers, 32 bytes each; with more it learns nothing between trainings.",
          1000, 1e10, [](Settings & s) -> auto& { return s.service.learning.learner.most_pairs; }),
      text(
          "tower.user",
          "The ONNX file that makes a vector of a user's history, of a two-tower model trained elsewhere "
          "(docs/ranking.md); relative to the home. Empty: none.",
          [](Settings & s) -> auto& { return s.tower.user; }),
      text(
          "tower.items", "Its items' vectors, a .npy file with an items.txt beside it.",
          [](Settings & s) -> auto& { return s.tower.items; }),
      number(
          "tower.first_id", "What its network calls the first item of items.txt.", 0, 1e9,
          [](Settings & s) -> auto& { return s.tower.first_id; }),
      number(
          "train.every_hours",
          "Hours after which the server trains anew in the background, and publishes what is not worse; 0: never.", 0,
          8760, [](Settings & s) -> auto& { return s.service.training.every_hours; }),
      number(
          "train.tolerance", "The share of recall@20 on the newest events that a new training may lose.", 0, 1,
          [](Settings & s) -> auto& { return s.service.training.tolerance; }),
      number(
          "train.keep_snapshots",
          "Snapshots that stay when a new one is published, the newest; what serves, the one before it and what they "
          "were compressed from stay always. 0: all.",
          0, 10'000, [](Settings & s) -> auto& { return s.keep_snapshots; }),
      number(
          "recommend.collaborative_quota", "Share of the slate from people with the same taste.", 0, 1,
          [](Settings & s) -> auto& { return s.service.recommend.collaborative_quota; }),
      number(
          "recommend.similar_quota", "Share from items that sound, look or read like those liked last.", 0, 1,
          [](Settings & s) -> auto& { return s.service.recommend.similar_quota; }),
      number(
          "recommend.fresh_quota", "Share for items that nobody has seen yet.", 0, 1,
          [](Settings & s) -> auto& { return s.service.recommend.fresh_quota; }),
      number(
          "recommend.popular_quota", "Share for what many like.", 0, 1,
          [](Settings & s) -> auto& { return s.service.recommend.popular_quota; }),
      text(
          "rank.model",
          "An ONNX file that orders what the sources found, trained elsewhere (docs/ranking.md); relative to the home. "
          "Empty: what `zhiyin train` made, or the shares above.",
          [](Settings & s) -> auto& { return s.service.rank.model; }),
      text(
          "rank.columns", "The columns that it reads, in its order, with commas between; empty for all.",
          [](Settings & s) -> auto& { return s.service.rank.columns; }),
      text(
          "rank.output", "Its output that is the score; empty for the first of floats.",
          [](Settings & s) -> auto& { return s.service.rank.output; }),
      number(
          "serve.refresh_s", "How often the home is looked at for a new snapshot or new items, in seconds.", 0.1, 3600,
          [](Settings & s) -> auto& { return s.service.refresh_s; }),
      text(
          "serve.address", "The address to listen on; 0.0.0.0 for every one this machine has.",
          [](Settings & s) -> auto& { return s.server.address; }),
      number(
          "serve.port", "The port; 0 takes a free one.", 0, 65535, [](Settings & s) -> auto& { return s.server.port; }),
      text(
          "serve.hosts",
          "The names by which this server may be asked for, with commas between; empty for any, but for this machine's "
          "own alone while the address is this machine's own.",
          [](Settings & s) -> auto& { return s.hosts; }),
      number(
          "serve.threads", "Event loops; 0 for the cores.", 0, 1024,
          [](Settings & s) -> auto& { return s.server.threads; }),
      number(
          "serve.max_connections", "Connections that are held at a time; one more is answered with 503.", 1, 1'000'000,
          [](Settings & s) -> auto& { return s.server.max_connections; }),
      number(
          "serve.max_body_bytes", "A request's body may have so many bytes.", 1024, 1e9,
          [](Settings & s) -> auto& { return s.server.limits.body; }),
      number(
          "serve.idle_s", "Seconds after which a connection that asks nothing is closed.", 1, 86400,
          [](Settings & s) -> auto& { return s.server.idle_deadline_s; }),
      number(
          "serve.drain_s", "Seconds that requests in flight have when the server is told to stop.", 0, 3600,
          [](Settings & s) -> auto& { return s.server.drain_deadline_s; }),
      number(
          "serve.max_streams", "Clients that may listen at /v1/stream at a time.", 0, 1'000'000,
          [](Settings & s) -> auto& { return s.streams.most; }),
      text(
          "serve.web_dir", "The folder of the page; empty for the one built with the program.",
          [](Settings & s) -> auto& { return s.web_dir; }),
      text(
          "serve.certificate",
          "A file with the certificate for TLS (PEM, its chain behind it); read again on SIGHUP. Empty: no TLS.",
          [](Settings & s) -> auto& { return s.server.certificate; }),
      text(
          "serve.private_key",
          "The file with the certificate's key, without a passphrase. Paths are relative to the home.",
          [](Settings & s) -> auto& { return s.server.private_key; }),
      text(
          "serve.base_path",
          "Where a proxy shows this server, as \"/zhiyin\"; paths are understood with it and without. Empty: at the "
          "root.",
          [](Settings & s) -> auto& { return s.base_path; }),
      text(
          "serve.trusted_proxies",
          "Proxies whose X-Forwarded-For is believed, as \"127.0.0.1, 10.0.0.0/8\"; empty for none.",
          [](Settings & s) -> auto& { return s.trusted_proxies; }),
      text(
          "access.anonymous",
          "What may be done without a key once there are keys: \"read\", \"write\", both with a comma between, or "
          "nothing.",
          [](Settings & s) -> auto& { return s.anonymous_scopes; }),
      number(
          "access.open_metrics", "Whether /metrics is for everybody (1), or for keys that may read (0).", 0, 1,
          [](Settings & s) -> auto& { return s.access.open_metrics; }),
      choice(
          "log.level", "The least important lines that are logged.", {"debug", "info", "warning", "error"},
          [](Settings & s) -> auto& { return s.log_level; }),
      choice(
          "log.format", "How the log is written: for people, or one JSON object a line.", {"text", "json"},
          [](Settings & s) -> auto& { return s.log_format; }),
      choice(
          "log.requests", "Whether every request is logged, and at which level.", {"off", "debug", "info"},
          [](Settings & s) -> auto& { return s.record.log; }),
      text(
          "trace.endpoint",
          "A collector of traces that speaks OTLP over HTTP, as http://127.0.0.1:4318; empty for none.",
          [](Settings & s) -> auto& { return s.trace.endpoint; }),
      number(
          "trace.sample", "The share of requests that are traced where their sender has not decided.", 0, 1,
          [](Settings & s) -> auto& { return s.record.trace_sample; }),
      text(
          "trace.service", "What this server is called in traces.",
          [](Settings & s) -> auto& { return s.trace.service; }),
      text(
          "gorse.positive",
          "Types of feedback that speak for an item, with commas between, each with a condition on its value if need "
          "be: \"star, read>=3\". Types that have the name of an event count as that event unless they are named here.",
          [](Settings & s) -> auto& { return s.gorse.feedback.positive; }),
      text(
          "gorse.read",
          "Types of feedback that say an item was seen, and nothing more; those that no setting names count as such.",
          [](Settings & s) -> auto& { return s.gorse.feedback.read; }),
      text(
          "gorse.negative", "Types of feedback that speak against an item; asked before the others.",
          [](Settings & s) -> auto& { return s.gorse.feedback.negative; }),
      number(
          "gorse.default_n", "The length of a list where a request names none.", 1, 1000,
          [](Settings & s) -> auto& { return s.gorse.default_n; }),
      number(
          "gorse.auto_insert",
          "Whether feedback on items and by users that are not known makes them known (1), or is left out (0).", 0, 1,
          [](Settings & s) -> auto& { return s.gorse.auto_insert; }),
  };
  const auto place = std::ranges::find(all, "events.ttl_days", &Key::name);
  auto weights = weight_keys();
  weights.push_back(curve(
      "events.view_curve",
      "What share of its weight a view counts by the share that was watched: points share:counts with lines between; "
      "two points at one share make a step, below 0 speaks against the item.",
      [](Settings & s) -> auto& { return s.service.live.events.view; }));
  all.insert(place, weights.begin(), weights.end());
  return all;
}

const std::vector<Key>& keys() {
  static const std::vector<Key> all = all_keys();
  return all;
}

// Where an error is: the file and the line.
struct Place {
  const std::filesystem::path& file;
  int line;

  [[nodiscard]] Error error(std::string_view message, const std::string& key) const {
    return invalid(fmt::format("{}:{}: {}", file.string(), line, message), key);
  }
};

Result<void> apply(Settings& settings, const Place& place, const std::string& name, const Json& given) {
  const auto key = std::ranges::find(keys(), name, &Key::name);
  if (key == keys().end()) {
    std::vector<std::string_view> known;
    for (const auto& one : keys()) known.push_back(one.name);
    return place.error(fmt::format("{} is no setting; the nearest is {}", name, nearest_name(name, known)), name);
  }
  if (key->set_text) {
    if (!given.is_string()) return place.error(fmt::format("{} must be a text in quotes", name), name);
    if (const auto word = given.as_string();
        !key->words.empty() && std::ranges::find(key->words, word) == key->words.end()) {
      return place.error(fmt::format("{} is \"{}\": \"{}\" is allowed", name, word, fmt::join(key->words, "\", \"")),
                         name);
    }
    const auto set = key->set_text(settings, std::string(given.as_string()));
    return set.ok() ? Result<void>() : place.error(fmt::format("{}: {}", name, set.error().message), name);
  }
  if (!given.is_number()) return place.error(fmt::format("{} must be a number", name), name);
  if (key->whole && !given.is_integer()) return place.error(fmt::format("{} must be a whole number", name), name);
  const double value = given.as_number();
  if (!(value >= key->low && value <= key->high)) {
    return place.error(fmt::format("{} is {}: from {:.10g} to {:.10g} is allowed", name, value, key->low, key->high),
                       name);
  }
  key->set_number(settings, value);
  return {};
}

}  // namespace

bool Settings::is_for_this_machine_alone() const {
  const auto& address = server.address;
  return address == "localhost" || address.starts_with("127.") || address == "::1";
}

std::vector<std::string> Settings::allowed_hosts() const {
  if (hosts.empty())
    return is_for_this_machine_alone() ? std::vector<std::string>{"localhost", "127.0.0.1", "[::1]"}
                                       : std::vector<std::string>{};
  std::vector<std::string> names;
  for (const auto part : split(hosts, ',')) {
    auto name = ascii_lower(trim(part));
    if (!name.empty()) names.push_back(std::move(name));
  }
  return names;
}

Result<Settings> load_settings(const std::filesystem::path& file) {
  Settings settings;
  const auto content = read_file(file);
  if (!content.ok() && content.error().code == ErrorCode::kNotFound) return settings;
  if (!content.ok()) return content.error();
  ZY_TRY(const auto parsed, parse_toml(*content).in(file.string()));
  for (const auto& [section, values] : parsed.root.members()) {
    if (!values.is_object()) {
      const Place place{file, parsed.line_of(section)};
      return place.error(fmt::format("{} stands outside a section: write it below one, such as [serve]", section),
                         section);
    }
    for (const auto& [name, value] : values.members()) {
      const auto path = fmt::format("{}.{}", section, name);
      if (path == "access.key") continue;
      ZY_CHECK_OK(apply(settings, {file, parsed.line_of(path)}, path, value));
    }
  }
  ZY_TRY(settings.access.keys, read_access_keys(parsed, file));
  const auto place = Place{file, parsed.line_of("access.anonymous")};
  auto anonymous = scopes_of(settings.anonymous_scopes);
  if (!anonymous.ok()) return place.error(anonymous.error().message, "access.anonymous");
  settings.access.anonymous = *anonymous;
  if (const auto& base = settings.base_path; !base.empty() && (!base.starts_with('/') || base.ends_with('/'))) {
    return Place{file, parsed.line_of("serve.base_path")}.error(
        fmt::format("serve.base_path is \"{}\": write it with a \"/\" before it and none behind, as \"/zhiyin\"", base),
        "serve.base_path");
  }
  auto proxies = http::TrustedProxies::parse(settings.trusted_proxies);
  if (!proxies.ok()) {
    return Place{file, parsed.line_of("serve.trusted_proxies")}.error(
        "serve.trusted_proxies: " + proxies.error().message, "serve.trusted_proxies");
  }
  settings.proxies = std::move(*proxies);
  for (auto* path : {&settings.server.certificate, &settings.server.private_key}) {
    if (!path->empty()) *path = (file.parent_path() / *path).string();  // as it is where it is absolute
  }
  return settings;
}

SettingsChange compare(const Settings& running, const Settings& wanted) {
  constexpr std::array<std::string_view, 6> kLiveSections = {"recommend.", "rank.",           "access.",
                                                             "log.",       "serve.refresh_s", "trace.sample"};
  SettingsChange change;
  for (const auto& key : keys()) {
    const bool same = key.set_text ? key.get_text(running) == key.get_text(wanted)
                                   : key.get_number(running) == key.get_number(wanted);
    if (same) continue;
    const bool live =
        std::ranges::any_of(kLiveSections, [&](std::string_view start) { return key.name.starts_with(start); });
    (live ? change.live : change.at_restart).emplace_back(key.name);
  }
  if (running.access.keys != wanted.access.keys) change.live.emplace_back("access.key");
  return change;
}

std::string default_settings_text() {
  const Settings defaults;
  std::string out = "# zhiyin.toml: every setting at its default, in the order of the pipeline.\n";
  std::string_view section;
  for (const auto& key : keys()) {
    const auto dot = key.name.find('.');
    if (section != key.name.substr(0, dot)) {
      section = key.name.substr(0, dot);
      out += fmt::format("\n[{}]\n", section);
    }
    out += fmt::format("# {}", key.sentence);
    if (key.set_text) {
      out += fmt::format("\n{} = \"{}\"\n", key.name.substr(dot + 1), key.get_text(defaults));
    } else {
      const double value = key.get_number(defaults);
      out += fmt::format(" {:.10g} to {:.10g}.\n{} = {}\n", key.low, key.high, key.name.substr(dot + 1),
                         key.whole ? fmt::format("{:.0f}", value) : fmt::format("{}", value));
    }
  }
  return out + std::string(access_keys_example());
}

}  // namespace zhiyin
