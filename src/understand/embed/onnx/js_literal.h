// Models packed as JavaScript modules: what a minified module exports, where that is a plain literal, read without a
// JavaScript engine.
//
// A literal is an object (names bare or quoted), an array, a string in either kind of quotes with its escapes, a number
// (".39" and "-1e-7" too), true, false, null, or what minifiers write for them: !0, !1, void 0. Nothing is evaluated: a
// call, an operator, a name or a template is an error that names its byte. Depth is limited to 64.
#pragma once

#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace zhiyin {

// One literal that is the whole text, blanks aside.
Result<Json> parse_js_literal(std::string_view text);

// The first literal that is assigned to `.exports` in the text of a module; what stands around it is not looked at.
Result<Json> js_module_export(std::string_view module);

}  // namespace zhiyin
