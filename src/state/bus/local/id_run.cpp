#include "state/bus/local/id_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <limits>
#include <tuple>

#include "base/random.h"

namespace zhiyin {
namespace {

constexpr std::uint64_t kMagic = 0x3130736469797a00;  // "\0zyids01"
constexpr int kPerBucket = 16;                        // fingerprints, at most about

std::uint64_t bits_for(std::size_t count) {
  return count <= kPerBucket ? 0 : static_cast<std::uint64_t>(std::bit_width(count / kPerBucket));
}

}  // namespace

std::uint64_t IdRun::check_of(const Header& header) {
  std::uint64_t mixed = header.magic;
  for (const auto field :
       {static_cast<std::uint64_t>(header.after), static_cast<std::uint64_t>(header.last), header.count, header.bits,
        static_cast<std::uint64_t>(header.newest_offset), header.newest_fingerprint}) {
    mixed = mix64(mixed ^ field);
  }
  return mixed;
}

std::size_t IdRun::size_of(const Header& header) {
  return sizeof(Header) + header.count * (sizeof(std::uint64_t) + sizeof(std::uint32_t)) +
         ((std::size_t{1} << header.bits) + 1) * sizeof(std::uint32_t);
}

// `next` gives the entries in their order.
template <typename Next>
std::shared_ptr<const IdRun> IdRun::build(Offset after, Offset last, std::size_t count, Next next) {
  assert(last - after <= std::numeric_limits<std::uint32_t>::max());
  Header header{kMagic, after, last, count, bits_for(count), 0, 0, 0};
  LargeBytes bytes(size_of(header), '\0');
  auto* prints = reinterpret_cast<std::uint64_t*>(bytes.data() + sizeof(Header));
  auto* buckets = reinterpret_cast<std::uint32_t*>(prints + count);
  auto* places = buckets + (std::size_t{1} << header.bits) + 1;
  std::size_t bucket = 0;  // the next whose begin is not written
  for (std::size_t i = 0; i < count; ++i) {
    const IdEntry entry = next();
    const auto own = header.bits == 0 ? 0 : entry.fingerprint >> (64U - header.bits);
    while (bucket <= own) buckets[bucket++] = static_cast<std::uint32_t>(i);
    prints[i] = entry.fingerprint;
    places[i] = static_cast<std::uint32_t>(entry.offset - after - 1);
    if (entry.offset > header.newest_offset)
      std::tie(header.newest_offset, header.newest_fingerprint) = std::tie(entry.offset, entry.fingerprint);
  }
  while (bucket <= std::size_t{1} << header.bits) buckets[bucket++] = static_cast<std::uint32_t>(count);
  header.check = check_of(header);
  *reinterpret_cast<Header*>(bytes.data()) = header;
  return std::shared_ptr<const IdRun>(new IdRun(std::move(bytes), nullptr));
}

std::shared_ptr<const IdRun> IdRun::make(Offset after, Offset last, std::span<const IdEntry> entries) {
  return build(after, last, entries.size(), [at = entries.begin()]() mutable { return *at++; });
}

std::shared_ptr<const IdRun> IdRun::join(const IdRun& a, const IdRun& b) {
  assert(a.last() == b.after());
  const auto entry = [](const IdRun& run, std::size_t at) {
    return IdEntry{run.fingerprints()[at], run.after() + 1 + run.places()[at]};
  };
  const auto count = a.header().count + b.header().count;
  return build(a.after(), b.last(), count, [&, i = std::size_t{0}, j = std::size_t{0}]() mutable {
    const bool first = j == b.header().count || (i < a.header().count && a.fingerprints()[i] <= b.fingerprints()[j]);
    return first ? entry(a, i++) : entry(b, j++);
  });
}

Result<std::shared_ptr<const IdRun>> IdRun::open(const std::filesystem::path& path) {
  ZY_TRY(auto file, MappedFile::open(path));
  const auto size = file->bytes().size();
  const std::shared_ptr<const IdRun> run(new IdRun({}, std::move(file)));
  const bool is_whole = size >= sizeof(Header) && run->header().magic == kMagic &&
                        run->header().check == check_of(run->header()) && size == size_of(run->header());
  if (!is_whole) return corrupt(fmt::format("{}: is no run of ids", path.string()));
  return run;
}

Result<void> IdRun::write(const std::filesystem::path& path) const {
  return write_file_atomic(path, {reinterpret_cast<const char*>(bytes()), size_of(header())});
}

}  // namespace zhiyin
