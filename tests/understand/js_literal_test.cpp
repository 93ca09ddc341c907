// Literals of JavaScript, as minifiers write them.
#include "understand/embed/onnx/js_literal.h"

#include <gmock/gmock.h>

namespace zhiyin {
namespace {

using testing::HasSubstr;

std::string read(std::string_view text) {
  const auto value = parse_js_literal(text);
  return value.ok() ? value->dump() : value.error().message;
}

TEST(JsLiteral, NamesNeedNoQuotesAndNumbersNoZero) {
  EXPECT_EQ(read("{a:1, $b_2 : [.5,-.25,-3,1e3], 'c d':\"e\"}"), R"({"a":1,"$b_2":[0.5,-0.25,-3,1000],"c d":"e"})");
  EXPECT_EQ(read("[!0,!1,true,false,null,void 0,]"), "[true,false,true,false,null,null]");
  EXPECT_EQ(read("{}"), "{}");
}

TEST(JsLiteral, StringsKnowTheirEscapes) {
  EXPECT_EQ(parse_js_literal(R"('it\'s "x\x41\u00e9\u77e5\ud83c\udfb5\n')")->as_string(), "it's \"xAé知🎵\n");
  EXPECT_EQ(parse_js_literal("\"a\\\nb\"")->as_string(), "ab");
}

TEST(JsLiteral, WhatIsNoLiteralIsAnErrorThatNamesTheByte) {
  for (const auto* text : {"", "f()", "{a:b}", "{a 1}", "[1 2]", "'open", "'line\nend'", "{a:1", "[", "1.5px", "1+1",
                           "`t`", R"('\ud83c')", R"('\u12')", R"('\ud83c\u0041')", "truely"}) {
    EXPECT_THAT(read(text), HasSubstr("byte ")) << text;
  }
  EXPECT_THAT(read(std::string(100000, '[')), HasSubstr("nested too deeply"));
}

TEST(JsLiteral, AModuleExportsTheLiteralAndNotTheCallOfItsWrapper) {
  const auto exported = js_module_export(
      "!function(t){module.exports=t()}(function(){return{1:[function(t,e,a){e.exports={format:\"graph\",n:[.5]}},{}]}("
      "1)});");
  ASSERT_TRUE(exported.ok()) << exported.error().message;
  EXPECT_EQ(exported->dump(), R"({"format":"graph","n":[0.5]})");
  EXPECT_FALSE(js_module_export("module.exports=t()").ok());
}

}  // namespace
}  // namespace zhiyin
