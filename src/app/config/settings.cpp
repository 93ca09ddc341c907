#include "app/config/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <type_traits>
#include <vector>

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
  std::function<void(Settings&, std::string)> set_text;
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
  key.set_text = [member](Settings& settings, std::string value) { member(settings) = std::move(value); };
  key.get_text = [member](const Settings& settings) { return member(const_cast<Settings&>(settings)); };
  return key;
}

// One of these words, which stand in the order of the member's enum.
template <typename Member>
Key choice(std::string_view name, std::string_view sentence, std::vector<std::string_view> words, Member member) {
  using Enum = std::remove_reference_t<decltype(member(std::declval<Settings&>()))>;
  Key key{name, sentence, 0, 0, false, {}, {}, {}, {}, words};
  key.set_text = [member, words](Settings& settings, const std::string& word) {
    member(settings) = static_cast<Enum>(std::ranges::find(words, word) - words.begin());
  };
  key.get_text = [member, words](const Settings& settings) {
    return std::string(words[static_cast<std::size_t>(member(const_cast<Settings&>(settings)))]);
  };
  return key;
}

const std::vector<Key>& keys() {
  static const std::vector<Key> all = {
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
      number(
          "train.every_hours",
          "Hours after which the server trains anew in the background, and publishes what is not worse; 0: never.", 0,
          8760, [](Settings & s) -> auto& { return s.service.training.every_hours; }),
      number(
          "train.tolerance", "The share of recall@20 on the newest events that a new training may lose.", 0, 1,
          [](Settings & s) -> auto& { return s.service.training.tolerance; }),
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
      text(
          "serve.web_dir", "The folder of the page; empty for the one built with the program.",
          [](Settings & s) -> auto& { return s.web_dir; }),
  };
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
    key->set_text(settings, std::string(given.as_string()));
    return {};
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

std::vector<std::string> Settings::allowed_hosts() const {
  const auto address = server.address;
  const bool loopback = address == "localhost" || address.starts_with("127.") || address == "::1";
  if (hosts.empty())
    return loopback ? std::vector<std::string>{"localhost", "127.0.0.1", "[::1]"} : std::vector<std::string>{};
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
      return place.error(
          fmt::format(
              "{} stands outside a section: write it below [scan], [store], [endpoint], [live], [online], [train], "
              "[recommend] or [serve]",
              section),
          section);
    }
    for (const auto& [name, value] : values.members()) {
      const auto path = fmt::format("{}.{}", section, name);
      ZY_CHECK_OK(apply(settings, {file, parsed.line_of(path)}, path, value));
    }
  }
  return settings;
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
  return out;
}

}  // namespace zhiyin
