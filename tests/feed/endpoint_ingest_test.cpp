// Whatever an endpoint does, items are taken in.
#include <gmock/gmock.h>

#include "support/fake_endpoint.h"
#include "support/world.h"
#include "understand/embed/remote/remote_text_encoder.h"

namespace zhiyin {
namespace {

TEST(EndpointIngest, ItemsAreTakenInWhateverTheEndpointDoes) {
  FakeEndpoint server;
  World world;
  const EndpointOptions options{
      .url = server.url(), .model = "embedder", .requests_per_minute = 60'000, .timeout_s = 5, .first_pause_s = 0.01};
  world.encoders.text.push_back(
      RemoteTextEncoder::open(Endpoint::open(options).value(), std::make_shared<AnswerCache>(AnswerCache::kNone))
          .value());
  world.items("a  A cat plays with wool | animals");
  server.answer = [](const http::Request&) { return http::json_response(500, Json::object({})); };
  world.items("b  The evening news | politics");
  const auto encoders_of = [&](const char* id) {
    std::vector<std::string> names;
    const auto vectors = world.store->vectors(ItemId(id)).value();
    for (const auto& vector : vectors) names.push_back(vector.encoder);
    return names;
  };
  EXPECT_THAT(encoders_of("a"), testing::Contains("text.endpoint.embedder"));
  EXPECT_THAT(encoders_of("b"), testing::Not(testing::Contains("text.endpoint.embedder")));
  EXPECT_FALSE(encoders_of("b").empty()) << "the other encoders did their work";
}

}  // namespace
}  // namespace zhiyin
