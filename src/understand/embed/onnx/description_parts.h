// Inside the reader of descriptions: what is done to pictures and sound before a network sees them.
#pragma once

#include <initializer_list>
#include <string_view>

#include "base/toml_table.h"
#include "understand/embed/onnx/encoder_description.h"

namespace zhiyin {

// One word of a list as the enum that lists them in the same order.
template <typename Enum>
Result<Enum> enumerated(const TomlTable& table, std::string_view key, std::initializer_list<std::string_view> words,
                        Enum fallback) {
  ZY_TRY(const auto at, table.choice(key, {words.begin(), words.size()}, static_cast<std::size_t>(fallback)));
  return static_cast<Enum>(at);
}

// The keys of "picture" and of "sound" in an [[encoder]].
Result<PictureDescription> read_picture(const TomlTable& encoder);
Result<SoundDescription> read_sound(const TomlTable& encoder, bool speech);

}  // namespace zhiyin
