#include "domain/user.h"

#include <array>

#include "domain/fields.h"

namespace zhiyin {
namespace {

constexpr std::array<std::string_view, 3> kFields = {"id", "name", "attributes"};
constexpr TextRule kName{.max_bytes = 1'000};
constexpr std::size_t kMaxAttributeBytes = 65'536;

}  // namespace

Json to_json(const User& user) {
  return Json::object({{"id", user.id.value},
                       {"name", user.name},
                       {"attributes", user.attributes.is_null() ? Json::object() : user.attributes}});
}

Result<User> user_from_json(const Json& json) {
  User user;
  ZY_CHECK_OK(check_fields(json, kFields));
  ZY_TRY(user.id.value, id_field(json, "id"));
  ZY_TRY(user.name, text_field(json, "name", kName));
  ZY_TRY(user.attributes, object_field(json, "attributes", kMaxAttributeBytes));
  return user;
}

}  // namespace zhiyin
