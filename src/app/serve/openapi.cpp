#include "app/serve/openapi.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "base/build.h"
#include "base/text.h"

namespace zhiyin {
namespace {

using http::Method;

struct QueryParameter {
  std::string_view name;
  std::string_view schema;  // JSON
  std::string_view says;
};
constexpr std::array kQuery{
    QueryParameter{"user", R"({"type":"string"})", "Whose; give either user or guest."},
    QueryParameter{"guest", R"({"type":"string"})", "A visitor without an account, by any id of yours."},
    QueryParameter{"n", R"({"type":"integer","minimum":1})", "How many, at most."},
    QueryParameter{"exclude", R"({"type":"string"})", "An item that is not wanted; may be repeated."},
    QueryParameter{"attributes", R"({"type":"boolean","default":true})", "Whether items come with their words."},
    QueryParameter{"lang", R"({"type":"string","enum":["en","zh"]})", "Of the reasons; else Accept-Language decides."},
    QueryParameter{"items", R"({"type":"string"})", "An item that this session has touched; may be repeated."},
    QueryParameter{"category", R"({"type":"string"})", "A tag that items must have; may be repeated."},
    QueryParameter{"window", R"({"type":"string"})", "How far back: 12h, 7d; of trending also day, week or rising."},
    QueryParameter{"offset", R"({"type":"integer","minimum":0})", "How many to pass over."},
    QueryParameter{"next", R"({"type":"string"})", "The token of the page before: nothing it showed comes again."},
    QueryParameter{"q", R"({"type":"string"})", "Words that are looked for."},
    QueryParameter{"size", R"({"type":"string","enum":["small"]})", "small: at most 320 pixels wide."},
};

struct Schema {
  std::string_view name;
  std::string_view json;
};
constexpr std::array kSchemas{
    Schema{"Error", R"({"type":"object","required":["error"],"properties":{"error":{"type":"object",
      "required":["code","message"],"properties":{"code":{"type":"string"},"message":{"type":"string"},
      "field":{"type":"string","description":"of the request, if one is at fault"}}}}})"},
    Schema{"Event", R"({"type":"object","required":["type","user","item"],"properties":{
      "id":{"type":"string","description":"makes a repeat harmless"},
      "type":{"type":"string","enum":["impression","click","view","like","favourite","follow","share","rating","comment",
        "skip","dislike","purchase","retraction"]},
      "user":{"type":"string"},"item":{"type":"string"},
      "value":{"type":"number","description":"view: the share watched, 0 to 1; rating: the stars"},
      "time":{"type":"integer","description":"Unix seconds; else now"},"text":{"type":"string"},
      "recommendation":{"type":"string","description":"the slate that showed the item"}}})"},
    Schema{"Events", R"({"oneOf":[{"$ref":"#/components/schemas/Event"},
      {"type":"array","items":{"$ref":"#/components/schemas/Event"}}]})"},
    Schema{"Accepted", R"({"type":"object","required":["accepted","duplicates","rejected","offset"],"properties":{
      "accepted":{"type":"integer"},"duplicates":{"type":"integer"},"offset":{"type":"integer"},
      "unlisted":{"type":"integer","description":"refused rows beyond the 1,000 that are listed"},
      "rejected":{"type":"array","items":{"type":"object","properties":{"index":{"type":"integer"},
        "field":{"type":"string"},"message":{"type":"string"}}}}}})"},
    Schema{"Guest", R"({"type":"object","required":["guest"],"properties":{"guest":{"type":"string"}}})"},
    Schema{"Merged", R"({"type":"object","required":["user","guest","offset"],"properties":{"user":{"type":"string"},
      "guest":{"type":"string"},"offset":{"type":"integer"}}})"},
    Schema{"Question", R"({"type":"object","properties":{"user":{"type":"string"},"guest":{"type":"string"},
      "users":{"type":"array","maxItems":100,"items":{"type":"string"},"description":"a batch: one slate each"},
      "items":{"type":"array","items":{"type":"string"},"description":"what this session has touched"},
      "filter":{"type":"object","properties":{"tags":{"type":"array","items":{"type":"string"}},
        "category":{"type":"array","items":{"type":"string"}}}},
      "next":{"type":"string","description":"the token of the page before"},"explain":{"type":"boolean"},
      "scenario":{"type":"string"},
      "n":{"type":"integer","minimum":1,"maximum":500},"exclude":{"type":"array","items":{"type":"string"}},
      "attributes":{"type":"boolean"},"lang":{"type":"string","enum":["en","zh"]}}})"},
    Schema{"Recommended", R"({"type":"object","required":["id","score","source","reason"],"properties":{
      "id":{"type":"string"},"score":{"type":"number"},"source":{"type":"string"},"reason":{"type":"string"},
      "because":{"type":"array","items":{"type":"object","properties":{"id":{"type":"string"},
        "title":{"type":"string"},"weight":{"type":"number"}}}},
      "attributes":{"type":"object"}}})"},
    Schema{"Slate", R"({"type":"object","required":["recommendation","items","degraded"],"properties":{
      "recommendation":{"type":"string"},
      "items":{"type":"array","items":{"$ref":"#/components/schemas/Recommended"}},
      "next":{"type":"string","nullable":true},
      "degraded":{"type":"array","items":{"type":"string"},"description":"sources that failed"}}})"},
    Schema{"List", R"({"type":"object","required":["items"],"properties":{"items":{"type":"array","items":{
      "type":"object","required":["id","score"],"properties":{"id":{"type":"string"},"score":{"type":"number"},
        "attributes":{"type":"object"}}}}}})"},
    Schema{"Likeness", R"({"type":"object","required":["users"],"properties":{"users":{"type":"array","items":{
      "type":"object","required":["id","score"],"properties":{"id":{"type":"string"},"score":{"type":"number"}}}}}})"},
    Schema{"Items", R"({"type":"object","required":["items"],"properties":{
      "items":{"type":"array","items":{"$ref":"#/components/schemas/Recommended"}}}})"},
    Schema{"Item", R"({"type":"object","properties":{"id":{"type":"string"},"title":{"type":"string"},
      "text":{"type":"string"},"tags":{"type":"array","items":{"type":"string"}},"creator":{"type":"string"},
      "url":{"type":"string"},"time":{"type":"integer","nullable":true},"hidden":{"type":"boolean"},
      "attributes":{"type":"object"}}})"},
    Schema{"Deleted", R"({"type":"object","properties":{"id":{"type":"string"},"deleted":{"type":"boolean"}}})"},
    Schema{"User", R"({"type":"object","properties":{"id":{"type":"string"},"name":{"type":"string"},
      "attributes":{"type":"object"},"events":{"type":"integer"},
      "history":{"type":"array","items":{"type":"object","properties":{"item":{"type":"string"},
        "type":{"type":"string"},"preference":{"type":"number"},"time":{"type":"integer"},
        "title":{"type":"string"}}}}}})"},
    Schema{"Users", R"({"type":"object","required":["users"],"properties":{
      "users":{"type":"array","items":{"$ref":"#/components/schemas/User"}}}})"},
    Schema{"Health", R"({"type":"object","required":["status","version"],"properties":{"status":{"type":"string"},
      "version":{"type":"string"},"items":{"type":"integer"},"users":{"type":"integer"},"events":{"type":"integer"},
      "snapshot":{"type":"string","nullable":true},"recommender":{"type":"string","nullable":true}}})"},
    Schema{"Reloaded", R"({"type":"object","required":["changed","at_restart"],"properties":{
      "changed":{"type":"array","items":{"type":"string"}},
      "at_restart":{"type":"array","items":{"type":"string"}}}})"},
};

Json ref(std::string_view schema) {
  assert(std::ranges::find(kSchemas, schema, &Schema::name) != kSchemas.end() && "a schema that is described");
  return Json::object({{"$ref", "#/components/schemas/" + std::string(schema)}});
}

Json content(std::string_view type, Json schema) {
  return Json::object({{std::string(type), Json::object({{"schema", std::move(schema)}})}});
}

Json parameters_of(const http::Route& route) {
  auto parameters = Json::array();
  const std::string_view pattern = route.pattern;
  for (auto begin = pattern.find('{'); begin != std::string_view::npos; begin = pattern.find('{', begin + 1)) {
    auto name = pattern.substr(begin + 1, pattern.find('}', begin) - begin - 1);
    if (name.ends_with("...")) name.remove_suffix(3);
    parameters.push(Json::object(
        {{"name", name}, {"in", "path"}, {"required", true}, {"schema", Json::object({{"type", "string"}})}}));
  }
  for (const auto name : split(route.notes.query, ' ')) {
    if (name.empty()) continue;
    const auto* known = std::ranges::find(kQuery, name, &QueryParameter::name);
    assert(known != kQuery.end() && "a parameter that is described");
    parameters.push(Json::object({{"name", name},
                                  {"in", "query"},
                                  {"description", known->says},
                                  {"schema", Json::parse(known->schema).value()}}));
  }
  return parameters;
}

Json answer(std::string_view description, std::string_view schema, std::string_view type) {
  auto json = Json::object({{"description", description}});
  if (!schema.empty())
    json.set("content", content("application/json", ref(schema)));
  else if (!type.empty())
    json.set("content", content(type, Json::object({{"type", "string"}})));
  return json;
}

// What every route may be refused with; 404 where a path names something.
Json responses_of(const http::Route& route) {
  auto responses = Json::object({{"200", answer("done", route.notes.answer, route.notes.type)}});
  struct Refusal {
    const char* status;
    const char* says;
  };
  constexpr std::array kRefusals{
      Refusal{"400", "the request is wrong"},    Refusal{"401", "a key is wanted"},
      Refusal{"403", "the key may not do this"}, Refusal{"404", "there is no such thing"},
      Refusal{"413", "the body is too large"},   Refusal{"429", "over the quota"},
      Refusal{"500", "the server failed"},       Refusal{"507", "there is no room on the disk"},
      Refusal{"503", "not now: try again"}};
  for (const auto& refusal : kRefusals) {
    const auto status = std::string_view(refusal.status);
    const bool names_something = route.pattern.find('{') != std::string::npos ||
                                 route.notes.query.find("user") != std::string_view::npos || !route.notes.body.empty();
    if (status == "404" && !names_something) continue;
    if ((status == "413" || status == "507") && route.notes.body.empty()) continue;
    responses.set(refusal.status, answer(refusal.says, "Error", {}));
  }
  return responses;
}

}  // namespace

Json openapi(const http::Router& router, const std::string& base_path) {
  auto paths = Json::object();
  for (const auto& route : router.routes()) {
    auto operation = Json::object({{"summary", route.notes.summary}, {"parameters", parameters_of(route)}});
    if (!route.notes.body.empty())
      operation.set("requestBody", Json::object({{"content", content("application/json", ref(route.notes.body))}}));
    operation.set("responses", responses_of(route));
    auto methods = paths[route.pattern];
    methods.set(ascii_lower(http::method_name(route.method)), std::move(operation));
    paths.set(route.pattern, std::move(methods));
  }
  auto schemas = Json::object();
  for (const auto& schema : kSchemas) schemas.set(std::string(schema.name), Json::parse(schema.json).value());
  auto security = Json::object({{"bearer", Json::object({{"type", "http"}, {"scheme", "bearer"}})},
                                {"key", Json::object({{"type", "apiKey"}, {"in", "header"}, {"name", "X-API-Key"}})}});
  return Json::object(
      {{"openapi", "3.0.3"},
       {"info", Json::object({{"title", "zhiyin"}, {"version", version()}})},
       {"servers", Json::array({Json::object({{"url", base_path.empty() ? "/" : base_path}})})},
       {"security", Json::array({Json::object(), Json::object({{"bearer", Json::array()}}),
                                 Json::object({{"key", Json::array()}})})},
       {"paths", std::move(paths)},
       {"components", Json::object({{"schemas", std::move(schemas)}, {"securitySchemes", std::move(security)}})}});
}

}  // namespace zhiyin
