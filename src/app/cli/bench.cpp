// `zhiyin bench NAME`: how fast the parts are, measured in this process. Needs no home.
#include "app/bench/bench.h"

#include <fmt/format.h>

#include "app/cli/verbs_sdk.h"

namespace zhiyin {
namespace {

// "  p50_us  512.3", objects indented below their name.
void append_lines(const Json& object, std::size_t indent, std::string& text) {
  for (const auto& [name, value] : object.members()) {
    text += fmt::format("\n{:{}}", "", indent);
    if (value.is_object()) {
      text += name;
      append_lines(value, indent + 2, text);
    } else {
      const auto written = value.is_string()    ? std::string(value.as_string())
                           : value.is_integer() ? fmt::to_string(value.as_integer())
                                                : fmt::format("{:.4g}", value.as_number());
      text += fmt::format("{:<{}}{}", name, std::max<std::size_t>(24, name.size() + 1), written);
    }
  }
}

std::string in_words(const Json& document) {
  auto text = fmt::format("{} · {} · {} threads", document["bench"].as_string(), document["machine"]["cpu"].as_string(),
                          document["machine"]["threads"].as_integer());
  append_lines(document["params"], 0, text);
  text += '\n';
  append_lines(document["results"], 0, text);
  return text;
}

Result<void> run(const Globals& globals, const Bench& bench, const std::map<std::string, std::string>& given) {
  BenchParams params(bench.flags, globals.threads);
  for (const auto& [name, value] : given) params.set(name, value);
  ZY_TRY(const auto document, run_bench(bench, params).in(fmt::format("bench {}", bench.name)));
  globals.print(document, in_words(document));
  return {};
}

}  // namespace

void add_bench(CLI::App& app, Globals& globals) {
  auto* verb = app.add_subcommand("bench", "how fast the parts are, on this machine");
  verb->require_subcommand(1);
  for (const auto& bench : benches()) {
    auto given = std::make_shared<std::map<std::string, std::string>>();
    auto* one = verb->add_subcommand(std::string(bench.name), std::string(bench.says));
    for (const auto& flag : bench.flags) {
      auto* option = one->add_option_function<std::string>(
          "--" + std::string(flag.name),
          [given, name = std::string(flag.name)](const auto& value) { (*given)[name] = value; },
          std::string(flag.says));
      option->default_str(std::string(flag.initial));
      if (flag.is_number())
        option->check(CLI::Range(static_cast<std::int64_t>(flag.low), static_cast<std::int64_t>(flag.high)));
    }
    one->callback(
        [&globals, &bench, given] { globals.run = [&globals, &bench, given] { return run(globals, bench, *given); }; });
  }
}

}  // namespace zhiyin
