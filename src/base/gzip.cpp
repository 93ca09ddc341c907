#include "base/gzip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <array>

#include "base/file.h"

namespace zhiyin {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib's way to say: largest window, gzip framing

Result<std::string> unpack(const std::string& packed) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) return internal("zlib did not start");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string unpacked;
  std::array<char, 1 << 16> buffer;
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    status = inflate(&stream, Z_NO_FLUSH);
    unpacked.append(buffer.data(), buffer.size() - stream.avail_out);
    // A gzip file may hold several members, one after the other.
    if (status == Z_STREAM_END && stream.avail_in > 0) status = inflateReset(&stream);
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END) return corrupt("the gzip archive is damaged or cut off");
  return unpacked;
}

}  // namespace

Result<std::string> read_text_file(const std::filesystem::path& path) {
  ZY_TRY(auto bytes, read_file(path));
  if (!bytes.starts_with("\x1f\x8b")) return bytes;
  return unpack(bytes).in(path.string());
}

}  // namespace zhiyin
