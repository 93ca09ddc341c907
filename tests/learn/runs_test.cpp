#include "learn/runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>

#include "base/crc32c.h"
#include "base/file.h"
#include "base/protobuf.h"
#include "learn/event_file.h"
#include "support/program.h"
#include "support/temporary_folder.h"
#include "support/world.h"

namespace zhiyin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

// RFC 3720, appendix B.4, and the usual check value.
TEST(Crc32c, KnownVectors) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62A8AB43U);
  EXPECT_EQ(crc32c(""), 0U);
}

std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data() + at, size);
  return value;
}

std::uint32_t unmasked(std::uint64_t masked) {
  const auto rotated = static_cast<std::uint32_t>(masked) - 0xA282EAD8U;
  return (rotated >> 17U) | (rotated << 15U);
}

// The payloads of a TFRecord file, every checksum checked.
std::vector<std::string> records(std::string_view file) {
  std::vector<std::string> payloads;
  while (!file.empty()) {
    const auto size = number_at(file, 0, 8);
    EXPECT_EQ(unmasked(number_at(file, 8, 4)), crc32c(file.substr(0, 8)));
    payloads.emplace_back(file.substr(12, size));
    EXPECT_EQ(unmasked(number_at(file, 12 + size, 4)), crc32c(payloads.back()));
    file.remove_prefix(16 + size);
  }
  return payloads;
}

struct Scalar {
  double wall_time = 0;
  std::int64_t step = 0;
  std::string version;
  std::string tag;
  float value = 0;
};

Scalar parse(std::string_view event) {
  Scalar scalar;
  for (ProtobufReader reader(event); !reader.at_end();) {
    const auto field = reader.next().value();
    if (field.number == 1) scalar.wall_time = std::bit_cast<double>(field.integer);
    if (field.number == 2) scalar.step = static_cast<std::int64_t>(field.integer);
    if (field.number == 3) scalar.version = field.bytes;
    if (field.number != 5) continue;
    const auto value = ProtobufReader(field.bytes).next().value();
    for (ProtobufReader figure(value.bytes); !figure.at_end();) {
      const auto part = figure.next().value();
      if (part.number == 1) scalar.tag = part.bytes;
      if (part.number == 2) scalar.value = part.real();
    }
  }
  return scalar;
}

// Worked out by hand from the field numbers of event.proto.
TEST(EventFile, TheFirstRecordIsByteForByteWhatTensorboardLooksFor) {
  const auto file = event_file_start(1.5);
  const std::string payload(
      "\x09\x00\x00\x00\x00\x00\x00\xf8\x3f\x1a\x0d"
      "brain.Event:2",
      24);
  EXPECT_EQ(file.substr(0, 8), std::string("\x18\0\0\0\0\0\0\0", 8));
  EXPECT_THAT(records(file), ElementsAre(payload));
}

TEST(EventFile, FiguresAreReadBack) {
  const auto read = records(event_file_start(1) + scalar_record(2.25, 300, "loss", 0.125F));
  ASSERT_EQ(read.size(), 2U);
  const auto scalar = parse(read[1]);
  EXPECT_EQ(scalar.wall_time, 2.25);
  EXPECT_EQ(scalar.step, 300);
  EXPECT_EQ(scalar.tag, "loss");
  EXPECT_EQ(scalar.value, 0.125F);
}

TEST(Runs, ATrainingIsKeptWithItsCurveInJsonAndForTensorboard) {
  const TemporaryFolder home;
  RunLog log(home.path(), {.snapshot = "s1", .model = "bpr", .seed = 7, .threads = 2});
  log.epoch(1, 2, 0.75);
  log.epoch(2, 2, 0.5);
  EXPECT_TRUE(read_runs(home.path())->empty()) << "it has not ended";
  log.finish({{"factors", 8}}, 1.25, "");
  const auto runs = read_runs(home.path()).value();
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].id, "s1-bpr");
  EXPECT_EQ(runs[0].params.at("factors"), 8);
  EXPECT_EQ(runs[0].seconds, 1.25);
  EXPECT_THAT(runs[0].curve, ElementsAre(Pair(1, 0.75), Pair(2, 0.5)));
  EXPECT_THAT(runs[0].metrics, ElementsAre(Pair("loss", 0.5), Pair("epochs", 2)));
  std::vector<Scalar> scalars;
  for (const auto& entry : std::filesystem::directory_iterator(home / "runs" / "s1-bpr")) {
    if (!entry.path().filename().string().starts_with("events.out.tfevents.")) continue;
    for (const auto& record : records(read_file(entry.path()).value())) scalars.push_back(parse(record));
  }
  ASSERT_EQ(scalars.size(), 4U);
  EXPECT_EQ(scalars[0].version, "brain.Event:2");
  EXPECT_EQ(scalars[2].step, 2);
  EXPECT_EQ(scalars[2].value, 0.5F);
  EXPECT_EQ(scalars[3].tag, "seconds");
}

TEST(Runs, TrainWritesOneAModelAndTheVerbListsAndComparesThem) {
  World world;
  world.items("a A | x\nb B | x\nc C | y");
  world.events("ann like a\nann like b\nbob like a\nbob like c\neve like b");
  world.train({"pop", "ials"});
  const auto runs = read_runs(world.folder.path()).value();
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].model, "ials");
  EXPECT_TRUE(runs[0].params.contains("factors"));
  const auto home = world.folder.path().string();
  const auto listed = run_program({"--home", home, "--json", "runs"});
  ASSERT_EQ(listed.exit_code, 0) << listed.errors;
  EXPECT_EQ(Json::parse(listed.output).value()["runs"].elements().size(), 2U);
  const auto compared = run_program({"--home", home, "runs", runs[0].id, runs[1].id});
  EXPECT_THAT(compared.output, HasSubstr("* factors"));
  EXPECT_THAT(run_program({"--home", home, "runs", "a", "b"}).errors, HasSubstr("there is no run a"));
  EXPECT_EQ(run_program({"--home", home, "runs", "a"}).exit_code, 2);
}

}  // namespace
}  // namespace zhiyin
