// Fingerprints of the ids of a stretch of the log, sorted, as a file that is mapped and looked into.
//
//   header (64 bytes) · fingerprints, 8 bytes each, ascending · where each of 2^bits buckets begins, 4 bytes · places
//
// The bucket of a fingerprint is its highest bits, so a look costs a bucket and the dozen fingerprints in it. A place is
// the event's offset less the stretch's first one, 4 bytes. Little-endian.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "base/file.h"
#include "base/own_pages.h"
#include "base/result.h"
#include "state/bus/local/id_table.h"

namespace zhiyin {

// Immutable; thread-safe.
class IdRun {
 public:
  // Of the events with offsets in (after, last]; `entries` sorted. In memory until it is written and opened.
  static std::shared_ptr<const IdRun> make(Offset after, Offset last, std::span<const IdEntry> entries);
  // Of two stretches, the second following the first.
  static std::shared_ptr<const IdRun> join(const IdRun& a, const IdRun& b);

  // kCorrupt for a file that is none, or cut off.
  static Result<std::shared_ptr<const IdRun>> open(const std::filesystem::path& path);
  [[nodiscard]] Result<void> write(const std::filesystem::path& path) const;

  [[nodiscard]] Offset after() const { return header().after; }
  [[nodiscard]] Offset last() const { return header().last; }
  // The newest of its entries, by which a run of another log is told; offset 0 if it has none.
  [[nodiscard]] IdEntry newest() const { return {header().newest_fingerprint, header().newest_offset}; }

  // As IdTable::find.
  template <typename Visit>
  bool find(std::uint64_t fingerprint, const Visit& visit) const {
    const auto bucket = header().bits == 0 ? 0 : fingerprint >> (64U - header().bits);
    for (auto at = buckets()[bucket]; at < buckets()[bucket + 1]; ++at) {
      if (fingerprints()[at] == fingerprint && visit(after() + 1 + places()[at])) return true;
    }
    return false;
  }

 private:
  struct Header {
    std::uint64_t magic;
    Offset after;
    Offset last;
    std::uint64_t count;
    std::uint64_t bits;
    Offset newest_offset;
    std::uint64_t newest_fingerprint;
    std::uint64_t check;  // of the fields above
  };
  static_assert(sizeof(Header) == 64);

  IdRun(LargeBytes bytes, std::shared_ptr<const MappedFile> file) : own_(std::move(bytes)), file_(std::move(file)) {}
  template <typename Next>
  static std::shared_ptr<const IdRun> build(Offset after, Offset last, std::size_t count, Next next);
  static std::uint64_t check_of(const Header& header);
  static std::size_t size_of(const Header& header);

  [[nodiscard]] const std::byte* bytes() const {
    return file_ != nullptr ? file_->bytes().data() : reinterpret_cast<const std::byte*>(own_.data());
  }
  [[nodiscard]] const Header& header() const { return *reinterpret_cast<const Header*>(bytes()); }
  [[nodiscard]] const std::uint64_t* fingerprints() const {
    return reinterpret_cast<const std::uint64_t*>(bytes() + sizeof(Header));
  }
  [[nodiscard]] const std::uint32_t* buckets() const {
    return reinterpret_cast<const std::uint32_t*>(fingerprints() + header().count);
  }
  [[nodiscard]] const std::uint32_t* places() const { return buckets() + (std::size_t{1} << header().bits) + 1; }

  LargeBytes own_;                          // until it is a file
  std::shared_ptr<const MappedFile> file_;  // null: own_
};

}  // namespace zhiyin
