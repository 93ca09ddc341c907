#include "app/operate/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "base/lines.h"
#include "base/sha256.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSums = "SHA256SUMS";
constexpr std::size_t kPiece = 1 << 18;
constexpr mode_t kModes = 0666;  // of a file that are kept

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

Error system_error(const fs::path& path, std::string_view doing) {
  return internal(fmt::format("{}: {}: {}", path.string(), doing, std::strerror(errno)));
}

// Whether the name stays below the folder it is unpacked in.
bool is_plain(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-' || c == '/';
  };
  return !name.empty() && name.front() != '/' && name.back() != '/' && name.find("..") == std::string_view::npos &&
         name.find("//") == std::string_view::npos && std::ranges::all_of(name, allowed);
}

}  // namespace

class ArchiveWriter::Implementation {
 public:
  explicit Implementation(fs::path path) : path_(std::move(path)), aside_(path_.string() + ".part") {}
  ~Implementation() {
    if (archive_ == nullptr) return;
    archive_write_free(archive_);
    std::error_code ignored;
    fs::remove(aside_, ignored);
  }
  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;

  Result<void> open() {
    archive_ = archive_write_new();
    archive_write_set_format_pax_restricted(archive_);  // ustar where it suffices: sizes beyond 8 GiB are written too
    std::error_code ignored;
    fs::remove(aside_, ignored);  // of one that was killed
    file_.emplace(::open(aside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (file_->get() < 0) return system_error(aside_, "create");
    if (archive_write_open_fd(archive_, file_->get()) != ARCHIVE_OK) return failed("create");
    return {};
  }

  Result<void> begin(const std::string& name, std::int64_t size, mode_t mode) {
    auto* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_size(entry, size);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, mode & kModes);
    const int code = archive_write_header(archive_, entry);
    archive_entry_free(entry);
    if (code != ARCHIVE_OK) return failed(name);
    return {};
  }

  Result<void> write(std::string_view bytes) {
    if (archive_write_data(archive_, bytes.data(), bytes.size()) != static_cast<la_ssize_t>(bytes.size()))
      return failed("write");
    return {};
  }

  Result<void> add_bytes(const std::string& name, std::string_view bytes) {
    ZY_CHECK_OK(begin(name, static_cast<std::int64_t>(bytes.size()), 0644));
    ZY_CHECK_OK(write(bytes));
    Sha256 hash;
    hash.add(bytes);
    sums_[name] = hash.hex();
    return {};
  }

  Result<void> add_file(const std::string& name, const fs::path& file) {
    const Descriptor source(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (source.get() < 0) return system_error(file, "open");
    struct stat info {};
    if (::fstat(source.get(), &info) != 0) return system_error(file, "stat");
    const auto size = static_cast<std::uintmax_t>(info.st_size);
    ZY_CHECK_OK(begin(name, info.st_size, info.st_mode));
    Sha256 hash;
    std::string buffer(kPiece, '\0');
    std::uintmax_t total = 0;
    for (;;) {
      const auto count = ::read(source.get(), buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return system_error(file, "read");
      if (count == 0) break;
      const std::string_view piece(buffer.data(), static_cast<std::size_t>(count));
      total += piece.size();
      if (total > size) break;
      ZY_CHECK_OK(write(piece));
      hash.add(piece);
    }
    if (total != size) return internal(fmt::format("{}: changed while it was read: try again", file.string()));
    sums_[name] = hash.hex();
    return {};
  }

  Result<void> finish() {
    std::string text;
    for (const auto& [name, sum] : sums_) text += fmt::format("{}  {}\n", sum, name);
    ZY_CHECK_OK(add_bytes(std::string(kSums), text));
    if (archive_write_close(archive_) != ARCHIVE_OK) return failed("close");
    if (::fsync(file_->get()) != 0) return system_error(aside_, "fsync");
    if (::rename(aside_.c_str(), path_.c_str()) != 0) return system_error(path_, "rename");
    archive_write_free(std::exchange(archive_, nullptr));
    const auto folder = path_.has_parent_path() ? path_.parent_path() : fs::path(".");
    const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() < 0 || ::fsync(directory.get()) != 0) return system_error(folder, "fsync");
    return {};
  }

 private:
  Error failed(std::string_view doing) {
    const auto* words = archive_error_string(archive_);
    return internal(fmt::format("{}: {}: {}", aside_.string(), doing, words != nullptr ? words : "unknown error"));
  }

  fs::path path_;
  fs::path aside_;
  std::optional<Descriptor> file_;
  archive* archive_ = nullptr;
  ArchiveSums sums_;
};

ArchiveWriter::ArchiveWriter(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
ArchiveWriter::~ArchiveWriter() = default;

Result<std::unique_ptr<ArchiveWriter>> ArchiveWriter::create(const fs::path& path) {
  auto implementation = std::make_unique<Implementation>(path);
  ZY_CHECK_OK(implementation->open());
  return std::unique_ptr<ArchiveWriter>(new ArchiveWriter(std::move(implementation)));
}

Result<void> ArchiveWriter::add_bytes(const std::string& name, std::string_view bytes) {
  return implementation_->add_bytes(name, bytes);
}
Result<void> ArchiveWriter::add_file(const std::string& name, const fs::path& file) {
  return implementation_->add_file(name, file);
}
Result<void> ArchiveWriter::finish() { return implementation_->finish(); }

namespace {

// One entry's bytes: hashed, and written where they are wanted.
class Unpacked {
 public:
  static Result<std::unique_ptr<Unpacked>> open(const fs::path* into, const std::string& name, mode_t mode) {
    if (into == nullptr) return std::unique_ptr<Unpacked>(new Unpacked({}, -1));
    const auto path = *into / name;
    std::error_code failed;
    fs::create_directories(path.parent_path(), failed);
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600 | (mode & kModes));
    if (file < 0) return system_error(path, "create");
    return std::unique_ptr<Unpacked>(new Unpacked(path, file));
  }

  Result<void> add(std::string_view bytes) {
    hash_.add(bytes);
    while (file_.get() >= 0 && !bytes.empty()) {
      const auto written = ::write(file_.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return system_error(path_, "write");
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  Result<std::string> finish() {
    if (file_.get() >= 0 && ::fsync(file_.get()) != 0) return system_error(path_, "fsync");
    return hash_.hex();
  }

 private:
  Unpacked(fs::path path, int file) : path_(std::move(path)), file_(file) {}
  fs::path path_;
  Descriptor file_;
  Sha256 hash_;
};

struct Free {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

Result<ArchiveSums> parse_sums(std::string_view text) {
  ArchiveSums sums;
  for (Lines lines(text); const auto line = lines.next();) {
    const auto gap = line->find("  ");
    if (gap != 64) return corrupt(fmt::format("{} line {} is no checksum", kSums, lines.number()));
    sums[std::string(line->substr(gap + 2))] = line->substr(0, gap);
  }
  return sums;
}

Result<void> compare(const ArchiveSums& announced, const ArchiveSums& found) {
  for (const auto& [name, sum] : announced) {
    const auto there = found.find(name);
    if (there == found.end()) return corrupt(fmt::format("{} is missing in it", name));
    if (there->second != sum)
      return corrupt(fmt::format("{}: its bytes are not those that were written (checksum)", name));
  }
  for (const auto& [name, sum] : found) {
    if (!announced.contains(name)) return corrupt(fmt::format("{} has no checksum in it", name));
  }
  return {};
}

}  // namespace

Result<ArchiveSums> read_archive(const fs::path& path, const fs::path* into) {
  const std::unique_ptr<archive, Free> reader(archive_read_new());
  const auto broken = [&] {
    const auto* words = archive_error_string(reader.get());
    return corrupt(fmt::format("{}: is cut off or damaged ({})", path.string(), words != nullptr ? words : "unknown"));
  };
  archive_read_support_filter_all(reader.get());
  archive_read_support_format_tar(reader.get());
  std::error_code failed;
  if (!fs::is_regular_file(path, failed)) return not_found(fmt::format("{}: is no file", path.string()));
  if (archive_read_open_filename(reader.get(), path.c_str(), kPiece) != ARCHIVE_OK) return broken();
  ArchiveSums found;
  std::string sums;
  bool complete = false;
  for (archive_entry* entry = nullptr;;) {
    const int code = archive_read_next_header(reader.get(), &entry);
    if (code == ARCHIVE_EOF) break;
    if (code != ARCHIVE_OK) return broken();
    const auto* given = archive_entry_pathname(entry);
    const std::string name(given != nullptr ? given : "");
    if (!is_plain(name) || archive_entry_filetype(entry) != AE_IFREG || found.contains(name) || complete)
      return corrupt(fmt::format("{}: holds \"{}\", which no backup of ours does", path.string(), name));
    complete = name == kSums;
    ZY_TRY(const auto file, Unpacked::open(complete ? nullptr : into, name, archive_entry_perm(entry)));
    std::string buffer(kPiece, '\0');
    for (;;) {
      const auto count = archive_read_data(reader.get(), buffer.data(), buffer.size());
      if (count < 0) return broken();
      if (count == 0) break;
      const std::string_view piece(buffer.data(), static_cast<std::size_t>(count));
      if (complete) sums += piece;
      ZY_CHECK_OK(file->add(piece));
    }
    ZY_TRY(auto sum, file->finish());
    if (!complete) found[name] = std::move(sum);
  }
  if (!complete) return corrupt(fmt::format("{}: is cut off: its checksums are missing", path.string()));
  ZY_TRY(const auto announced, parse_sums(sums).in(path.string()));
  ZY_CHECK_OK(compare(announced, found).in(path.string()));
  return found;
}

}  // namespace zhiyin
