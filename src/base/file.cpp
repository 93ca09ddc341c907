#include "base/file.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <array>
#include <cerrno>
#include <cstring>

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

Error system_error(const fs::path& path, std::string_view doing) {
  const auto code = errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kInternal;
  return {code, fmt::format("{}: {}: {}", path.string(), doing, std::strerror(errno)), {}};
}

// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

Result<void> write_all(int fd, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return system_error(path, "write");
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

std::string to_hex(std::span<const unsigned char> bytes) {
  std::string hex;
  for (const auto byte : bytes) fmt::format_to(std::back_inserter(hex), "{:02x}", byte);
  return hex;
}

}  // namespace

Result<std::string> read_file(const fs::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return system_error(path, "open");
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return system_error(path, "stat");
  if (S_ISDIR(info.st_mode)) return invalid(fmt::format("{}: is a folder, a file is needed", path.string()));
  std::string bytes;
  bytes.reserve(static_cast<std::size_t>(info.st_size));
  std::array<char, 1 << 16> buffer;
  for (;;) {
    const auto count = ::read(file.get(), buffer.data(), buffer.size());
    if (count == 0) return bytes;
    if (count < 0) {
      if (errno == EINTR) continue;
      return system_error(path, "read");
    }
    bytes.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

Result<void> write_file_atomic(const fs::path& path, std::string_view bytes) {
  const fs::path temporary = path.string() + ".part";
  {
    const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!file) return system_error(temporary, "create");
    ZY_CHECK_OK(write_all(file.get(), bytes, temporary));
    if (::fsync(file.get()) != 0) return system_error(temporary, "fsync");
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return system_error(path, "rename");
  const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::fsync(directory.get()) != 0) return system_error(folder, "fsync");
  return {};
}

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const fs::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return system_error(path, "open");
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return system_error(path, "stat");
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size == 0) return std::shared_ptr<const MappedFile>(new MappedFile(nullptr, 0));
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.get(), 0);
  if (data == MAP_FAILED) return system_error(path, "mmap");
  return std::shared_ptr<const MappedFile>(new MappedFile(static_cast<const std::byte*>(data), size));
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash;
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return to_hex(hash);
}

Result<std::string> sha256_file(const fs::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return system_error(path, "open");
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  std::array<unsigned char, 1 << 16> buffer;
  for (;;) {
    const auto count = ::read(file.get(), buffer.data(), buffer.size());
    if (count == 0) break;
    if (count < 0) {
      if (errno == EINTR) continue;
      return system_error(path, "read");
    }
    crypto_hash_sha256_update(&state, buffer.data(), static_cast<unsigned long long>(count));
  }
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash;
  crypto_hash_sha256_final(&state, hash.data());
  return to_hex(hash);
}

}  // namespace zhiyin
