#include "feed/ingest/import_vectors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <set>

#include "base/gzip.h"
#include "base/lines.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/tensors.h"
#include "domain/fields.h"
#include "understand/embed/encoder_names.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongest = 65'536;
constexpr std::size_t kBatch = 1000;

Result<void> check_encoder(std::string_view name) {
  const bool plain = !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
  if (plain) return {};
  return invalid(
      fmt::format("\"{}\" is no name for an encoder: up to 64 letters, digits, dots, dashes and underscores", name),
      "encoder");
}

// Takes rows, and keeps those that hold together.
class Rows {
 public:
  explicit Rows(ImportedVectors& imported) : imported_(imported) {}

  Result<void> add(ItemVector row, std::size_t line) {
    auto& [item, vector] = row;
    ZY_CHECK_OK(check_id(item.value, "id"));
    if (vector.values.empty() || vector.values.size() > kLongest) {
      return invalid(fmt::format("the vector has {} numbers: from 1 to {} are allowed", vector.values.size(), kLongest),
                     "vector");
    }
    const auto bad = std::ranges::find_if(vector.values, [](float x) { return !std::isfinite(x); });
    if (bad != vector.values.end()) {
      return invalid(fmt::format("number {} of the vector is not finite", bad - vector.values.begin()), "vector");
    }
    const auto [length, is_first] = lengths_.try_emplace({vector.encoder, vector.version}, vector.values.size());
    if (length->second != vector.values.size()) {
      return invalid(fmt::format("the vector has {} numbers, the first one of {} has {}", vector.values.size(),
                                 vector.encoder, length->second),
                     "vector");
    }
    if (!seen_.insert({item.value, vector.encoder}).second) {
      return invalid(fmt::format("item {} has a vector of {} in an earlier line already", item.value, vector.encoder),
                     "id");
    }
    imported_.rows.push_back({std::move(row), line});
    return {};
  }

  void add_or_note(Result<ItemVector> row, std::size_t line) {
    auto done = row.ok() ? add(std::move(row).value(), line) : Result<void>(std::move(row).error());
    if (!done.ok()) imported_.bad.push_back({imported_.file, line, std::move(done).error()});
  }

 private:
  ImportedVectors& imported_;
  std::map<std::pair<std::string, int>, std::size_t> lengths_;
  std::set<std::pair<std::string, std::string>> seen_;  // item, encoder
};

Result<ItemVector> read_line(std::string_view line, const std::string& default_encoder) {
  ZY_TRY(const auto json, Json::parse(line));
  if (!json.is_object()) return invalid(fmt::format("a line holds one JSON object, this one is {}", json.type_name()));
  for (const auto& [name, value] : json.members()) {
    if (name != "id" && name != "encoder" && name != "version" && name != "vector") {
      return invalid(fmt::format("\"{}\" is not known: a line has id, vector, encoder and version", name), name);
    }
  }
  ItemVector row{ItemId(json["id"].as_string()), {std::string(json["encoder"].as_string(default_encoder)), 1, {}}};
  ZY_CHECK_OK(check_encoder(row.vector.encoder));
  if (json.has("version")) {
    const auto version = json["version"].as_integer(0);
    if (version < 1 || version > 1'000'000) return invalid("version must be a whole number from 1", "version");
    row.vector.version = static_cast<int>(version);
  }
  if (!json["vector"].is_array()) return invalid("vector must be an array of numbers", "vector");
  for (const auto& value : json["vector"].elements()) {
    if (!value.is_number())
      return invalid(fmt::format("vector holds {}: numbers are needed", value.type_name()), "vector");
    row.vector.values.push_back(static_cast<float>(value.as_number()));
  }
  return row;
}

struct Line {
  std::string_view text;
  std::size_t number;
};

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  for (Lines each(text); const auto line = each.next();) lines.push_back({*line, each.number()});
  return lines;
}

Result<ImportedVectors> read_jsonl_vectors(const fs::path& path, const std::string& encoder) {
  ZY_TRY(const auto text, read_text_file(path));
  ImportedVectors imported{path.string(), {}, {}};
  Rows rows(imported);
  for (Lines lines(text); const auto line = lines.next();) rows.add_or_note(read_line(*line, encoder), lines.number());
  return imported;
}

// One array: its rows go to the items of the list.
Result<void> add_matrix(std::span<const float> values, std::span<const std::size_t> shape, const std::string& encoder,
                        const std::vector<Line>& items, Rows& rows) {
  ZY_CHECK_OK(check_encoder(encoder));
  if (shape.size() != 2)
    return invalid(fmt::format("has {} dimensions: two are needed, one row an item", shape.size()));
  if (shape[0] != items.size())
    return invalid(fmt::format("has {} rows, items.txt names {} items", shape[0], items.size()));
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto row = values.subspan(i * shape[1], shape[1]);
    rows.add_or_note(ItemVector{ItemId(items[i].text), {encoder, 1, {row.begin(), row.end()}}}, items[i].number);
  }
  return {};
}

Result<ImportedVectors> read_matrices(const fs::path& path, const std::string& encoder) {
  const auto list = path.parent_path() / "items.txt";
  const auto text = read_text_file(list);
  if (!text.ok())
    return invalid(fmt::format("{}: the ids of the rows must stand in {}, one a line ({})", path.string(),
                               list.string(), text.error().message));
  const auto items = lines_of(*text);
  ImportedVectors imported{list.string(), {}, {}};
  Rows rows(imported);
  if (path.extension() == ".npy") {
    ZY_TRY(const auto array, read_npy(path));
    ZY_CHECK_OK(add_matrix(array.values, array.shape, encoder, items, rows).in(path.string()));
    return imported;
  }
  ZY_TRY(const auto tensors, Tensors::open(path));
  if (tensors.all().empty()) return invalid(fmt::format("{}: holds no array", path.string()));
  for (const auto& [name, tensor] : tensors.all()) {
    const auto where = fmt::format("{}: array \"{}\"", path.string(), name);
    if (tensor.dtype() != DType::kF32)
      return invalid(fmt::format("{} is {}: F32 is needed", where, dtype_name(tensor.dtype())));
    ZY_CHECK_OK(add_matrix(tensor.as<float>(), tensor.shape(), name, items, rows).in(where));
  }
  return imported;
}

// Of each encoder and version in the store, the length of its first vector.
Result<std::map<std::pair<std::string, int>, std::size_t>> stored_lengths(const Store& store) {
  std::map<std::pair<std::string, int>, std::size_t> lengths;
  ZY_CHECK_OK(store.each_vector([&](const ItemId&, StoredVector&& vector) {
    lengths.try_emplace({std::move(vector.encoder), vector.version}, vector.values.size());
  }));
  return lengths;
}

}  // namespace

Result<ImportedVectors> read_vectors(const fs::path& path, std::string encoder) {
  if (encoder.empty()) {
    encoder = "imported.";
    for (const char c : path.stem().string())
      encoder += (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-') ? c : '_';
    encoder.resize(std::min<std::size_t>(encoder.size(), 64));
  }
  ZY_CHECK_OK(check_encoder(encoder));
  if (path.extension() == ".npy" || path.extension() == ".safetensors") return read_matrices(path, encoder);
  return read_jsonl_vectors(path, encoder);
}

Result<VectorReport> import_vectors(ImportedVectors imported, Store& store,
                                    std::span<const EncoderDescription> described, bool keep_going) {
  ZY_TRY(const auto lengths, stored_lengths(store));
  std::vector<ItemVector> good;
  for (auto& [row, line] : imported.rows) {
    const auto& vector = row.vector;
    const auto refuse = [&](Error error) { imported.bad.push_back({imported.file, line, std::move(error)}); };
    if (const auto owner = owner_of_encoder_name(vector.encoder, described); !owner.empty()) {
      refuse(invalid(fmt::format("{} is the name of an encoder of {}, whose next run would write over these vectors: "
                                 "give them another, with --encoder or in the file itself",
                                 vector.encoder, owner),
                     "encoder"));
      continue;
    }
    if (const auto stored = lengths.find({vector.encoder, vector.version});
        stored != lengths.end() && stored->second != vector.values.size()) {
      refuse(invalid(fmt::format("the vector has {} numbers, those of {} in the catalogue have {}",
                                 vector.values.size(), vector.encoder, stored->second),
                     "vector"));
      continue;
    }
    ZY_TRY(const auto item, store.item(row.item));
    if (!item) {
      refuse(invalid(fmt::format("no item has the id {}: import or scan it first", row.item.value), "id"));
      continue;
    }
    good.push_back(std::move(row));
  }
  std::ranges::stable_sort(imported.bad, {}, &BadRow::line);
  if (!imported.bad.empty() && !keep_going) return refusal_of(imported.bad);
  for (const auto& row : imported.bad) log_warning("left out: {}", describe(row));

  Progress progress("vectors", static_cast<std::int64_t>(good.size()));
  for (std::size_t at = 0; at < good.size(); at += kBatch) {
    const auto batch = std::span(good).subspan(at, std::min(kBatch, good.size() - at));
    ZY_CHECK_OK(store.put_vectors(batch));
    progress.advance(static_cast<std::int64_t>(batch.size()));
  }
  progress.finish();
  return VectorReport{static_cast<std::int64_t>(good.size()), static_cast<std::int64_t>(imported.bad.size())};
}

}  // namespace zhiyin
