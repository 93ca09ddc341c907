// CMU PocketSphinx with its US English model: the recogniser that Debian has. English only, and of its time: a signal
// of what is talked about, not a transcript. It costs about half a second to a second of processor time for each second
// of speech, and some 120 MB for each thread that listens at the same time.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "understand/embed/sound/speech_to_words.h"

namespace zhiyin {

inline constexpr std::string_view kPocketsphinx = "speech.pocketsphinx";

// `model`: a folder with en-us/ (acoustic model), en-us.lm.bin and cmudict-en-us.dict.
inline constexpr std::string_view kPocketsphinxModel = "/usr/share/pocketsphinx/model/en-us";

// Errors: kNotFound where the model is not there, with the package that mends it.
Result<std::unique_ptr<SpeechToWords>> open_pocketsphinx(const std::filesystem::path& model = kPocketsphinxModel);

}  // namespace zhiyin
