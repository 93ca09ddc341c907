// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78; RFC 3720, appendix B.4): the checksum of TFRecord files.
#pragma once

#include <cstdint>
#include <string_view>

namespace zhiyin {

// A byte at a time from a table: for small records, not for gigabytes.
std::uint32_t crc32c(std::string_view bytes);

}  // namespace zhiyin
