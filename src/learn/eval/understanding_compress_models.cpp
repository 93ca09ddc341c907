// Of understanding_compress.h: the models.
#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>

#include "base/file.h"
#include "base/process.h"
#include "base/random.h"
#include "learn/eval/understanding_compress.h"
#include "understand/embed/manifest.h"
#include "understand/embed/onnx/model_edits.h"
#include "understand/embed/onnx/onnx_reader.h"
#include "understand/embed/onnx/shrink.h"
#include "understand/embed/vision/known_picture.h"
#include "understand/embed/vision/ocr_reader.h"
#include "understand/embed/vision/resize.h"
#include "understand/embed/vision/screen_text.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

void result(Understanding& out, std::string_view what, std::string_view metric, double value) {
  out.table.results.emplace_back(fmt::format("compress.{}.{}", what, metric), value);
}

double file_bytes(const fs::path& file) {
  std::error_code failed;
  const auto bytes = fs::file_size(file, failed);
  return failed ? 0 : static_cast<double>(bytes);
}

// --- What there is to shrink.

Result<void> count_products(const fs::path& file, const std::string& name, Understanding& out) {
  ZY_TRY(const auto bytes, read_file(file));
  ZY_TRY(auto model, read_onnx(bytes).in(name));
  std::size_t weights = 0;
  for (const auto& constant : model.initializers) {
    if (constant.type == OnnxType::kFloat) weights += constant.bytes.size() / sizeof(float);
  }
  ZY_CHECK_OK(raise_to_opset_10(model));
  const auto found = quantize(model, {.tables = false, .least_values = 1});
  Row row;
  row.block = "compress_models";
  row.data = "cache";
  row.split_sha256 = sha256_hex(bytes);
  row.model = name;
  row.metrics = {{"bytes", static_cast<double>(bytes.size())},
                 {"weights", static_cast<double>(weights)},
                 {"products", static_cast<double>(found.products)},
                 {"product_weights", static_cast<double>(found.weights)}};
  out.table.rows.push_back(std::move(row));
  return {};
}

// A model whose products are few: what eight bits would make of it, on one input.
Result<void> try_in_eight_bits(const fs::path& file, const std::string& name, OnnxArray array, Understanding& out) {
  ZY_TRY(const auto bytes, read_file(file));
  ZY_TRY(auto model, read_onnx(bytes).in(name));
  quantize(model, {.tables = false});
  const auto small = model.serialize();
  const OnnxInput inputs[] = {{model.inputs.at(0).name, std::move(array)}};
  const auto outputs = [&](std::string_view onnx) -> Result<std::vector<float>> {
    ZY_TRY(const auto session, OnnxSession::from_bytes(onnx));
    ZY_TRY(const auto arrays, session->run(inputs));
    return arrays.at(0).floats();
  };
  ZY_TRY(const auto expected, outputs(bytes));
  ZY_TRY(const auto found, outputs(small));
  result(out, name, "whole_bytes", static_cast<double>(bytes.size()));
  result(out, name, "small_bytes", static_cast<double>(small.size()));
  result(out, name, "cosine", least_cosine(expected, found, expected.size()));
  return {};
}

OnnxArray picture(int side) {
  const auto frame = known_picture(side);
  std::vector<float> values(frame.rgb.begin(), frame.rgb.end());
  for (float& value : values) value /= 255;
  return {{1, side, side, 3}, std::move(values)};
}

OnnxArray noise(std::size_t samples) {
  Random random(1);
  std::vector<float> values(samples);
  for (float& value : values) value = 1000 * random.normal();
  return {{1, static_cast<std::int64_t>(samples)}, std::move(values)};
}

// --- Lines of text, read by both.

constexpr int kLineHeight = 64;
constexpr int kPageWidth = 1400;
constexpr std::string_view kFont = "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc";

// Every line drawn by ffmpeg, dark on light, cut to its ink.
Result<std::vector<Frame>> drawn(const std::vector<std::string>& texts, const fs::path& folder) {
  std::string filter;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto file = folder / fmt::format("{}.txt", i);
    ZY_CHECK_OK(write_file_atomic(file, texts[i]));
    filter += fmt::format("{}drawtext=fontfile={}:textfile={}:expansion=none:fontsize=36:fontcolor=0x202020:x=16:y={}",
                          i == 0 ? "" : ",", kFont, file.string(), static_cast<int>(i) * kLineHeight + 12);
  }
  const auto page = folder / "page.rgb";
  const auto source = fmt::format("color=0xe8e8e8:s={}x{}", kPageWidth, kLineHeight * static_cast<int>(texts.size()));
  const std::vector<std::string> arguments = {"ffmpeg", "-nostdin", "-y",    "-v",        "error",    "-f",
                                              "lavfi",  "-i",       source,  "-frames:v", "1",        "-vf",
                                              filter,   "-pix_fmt", "rgb24", "-f",        "rawvideo", page.string()};
  ZY_TRY(const auto code, run_program(arguments));
  if (code != 0) return invalid(fmt::format("ffmpeg ended with code {}", code));
  ZY_TRY(const auto bytes, read_file(page));
  Frame all{.width = kPageWidth, .height = kLineHeight * static_cast<int>(texts.size()), .time_s = 0, .rgb = {}};
  all.rgb.assign(bytes.begin(), bytes.end());
  if (all.rgb.size() != 3 * static_cast<std::size_t>(all.width) * static_cast<std::size_t>(all.height))
    return invalid("ffmpeg drew a page of another size");
  std::vector<Frame> lines;
  for (int top = 0; top < all.height; top += kLineHeight) {
    int right = 64;
    for (int y = top; y < top + kLineHeight; ++y) {
      for (int x = right; x < kPageWidth; ++x) {
        if (all.rgb[3 * static_cast<std::size_t>(y * kPageWidth + x)] < 128) right = x;
      }
    }
    lines.push_back(cropped(all, 0, top + 4, std::min(right + 16, kPageWidth), kLineHeight - 8));
  }
  return lines;
}

std::string without_blanks(std::string text) {
  std::erase(text, ' ');
  return text;
}

Result<void> compare_readers(const fs::path& data, Understanding& out) {
  constexpr std::size_t kPerSet = 40;
  const auto folder = model_cache() / ScreenText::kFolder;
  result(out, "ocr_reader", "whole_bytes", file_bytes(folder / OcrReader::kWholeModel));
  result(out, "ocr_reader", "small_bytes", file_bytes(folder / OcrReader::kSmallModel));
  ZY_TRY(const auto whole, OcrReader::open(folder, OcrReader::kWholeModel));
  ZY_TRY(const auto small, OcrReader::open(folder, OcrReader::kSmallModel));
  if (!fs::exists(kFont)) return not_found(fmt::format("{}: apt install fonts-wqy-microhei", kFont));
  ZY_TRY(const auto english, read_clinc(data / "text" / "clinc150", "test"));
  ZY_TRY(const auto chinese, read_thucnews(data / "text" / "thucnews-10cls" / "test.txt.gz"));
  std::vector<std::string> texts;
  for (const auto* set : {&english, &chinese}) {
    const auto step = std::max<std::size_t>(1, set->size() / kPerSet);
    for (std::size_t i = 0; i < set->size() && texts.size() < (set == &english ? 1 : 2) * kPerSet; i += step) {
      if (set->texts[i].size() <= 70) texts.push_back(set->texts[i]);
    }
  }
  auto pattern = (fs::temp_directory_path() / "zhiyin-lines-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) return internal("no temporary folder");
  const auto lines = drawn(texts, pattern);
  std::error_code ignored;
  fs::remove_all(pattern, ignored);
  if (!lines.ok()) return lines.error();
  double right_whole = 0, right_small = 0, same = 0;
  for (std::size_t i = 0; i < lines->size(); ++i) {
    ZY_TRY(const auto by_whole, whole->read((*lines)[i]));
    ZY_TRY(const auto by_small, small->read((*lines)[i]));
    const auto truth = without_blanks(texts[i]);
    right_whole += without_blanks(by_whole.text) == truth ? 1 : 0;
    right_small += without_blanks(by_small.text) == truth ? 1 : 0;
    same += by_whole.text == by_small.text ? 1 : 0;
  }
  const auto count = static_cast<double>(lines->size());
  result(out, "ocr_reader", "lines", count);
  result(out, "ocr_reader", "whole_right", right_whole / count);
  result(out, "ocr_reader", "small_right", right_small / count);
  result(out, "ocr_reader", "same", same / count);
  return {};
}

}  // namespace

void add_model_compression(const fs::path& data, Understanding& out) {
  const auto cache = model_cache();
  const auto noted = [&](std::string_view what, const Result<void>& done) {
    if (!done.ok()) out.failures.push_back(fmt::format("compress.{}: {}", what, done.error().message));
  };
  std::error_code failed;
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(cache / "models", failed)) {
    const auto name = entry.path().filename().string();
    if (name.ends_with(".onnx") && !name.ends_with(".int8.onnx")) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  for (const auto& file : files) {
    const auto name = fs::relative(file, cache / "models", failed).string();
    noted(name, count_products(file, name, out));
  }
  noted("nsfw", try_in_eight_bits(cache / "models/nsfw/nsfw.onnx", "nsfw", picture(224), out));
  noted("melspectrogram",
        try_in_eight_bits(cache / "models/speech-embedding/melspectrogram.onnx", "melspectrogram", noise(16'000), out));
  noted("ocr_reader", compare_readers(data, out));
}

}  // namespace zhiyin
