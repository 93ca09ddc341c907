// Result<T>: what a function returns when the world outside can make it fail.
//
// An error says what went wrong and where, in words for the person who must mend it; each layer adds what it knows
// while passing it up: `ingest cat.mp4: decode: no video stream`. A bug is not an error: it is an assert.
#pragma once

#include <cassert>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace zhiyin {

enum class ErrorCode {
  kInvalid,      // the caller gave something wrong: HTTP 400
  kNotFound,     // no such user, item, file: HTTP 404
  kConflict,     // already there, or in the wrong state: HTTP 409
  kTooLarge,     // over a stated limit: HTTP 413
  kUnavailable,  // not now, try again: HTTP 503
  kCorrupt,      // stored bytes are not what was written: HTTP 500
  kInternal,     // the system underneath failed (disk, library): HTTP 500
  kBusy,         // more at once than there is room for, slow down: HTTP 429
  kNoSpace,      // the disk is full: HTTP 507
};

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  std::string field;  // the request field or file column at fault, if there is one

  // The same error, seen from one layer further out: "where: message".
  [[nodiscard]] Error in(std::string_view where) && {
    message = std::string(where) + ": " + message;
    return std::move(*this);
  }
};

inline Error invalid(std::string message, std::string field = {}) {
  return {ErrorCode::kInvalid, std::move(message), std::move(field)};
}
inline Error not_found(std::string message) { return {ErrorCode::kNotFound, std::move(message), {}}; }
inline Error corrupt(std::string message) { return {ErrorCode::kCorrupt, std::move(message), {}}; }
inline Error internal(std::string message) { return {ErrorCode::kInternal, std::move(message), {}}; }

template <typename T = void>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit by design
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return checked(); }
  const T& value() const& { return const_cast<Result*>(this)->checked(); }
  T&& value() && { return std::move(checked()); }
  T& operator*() & { return checked(); }
  const T& operator*() const& { return const_cast<Result*>(this)->checked(); }
  T* operator->() { return &checked(); }
  const T* operator->() const { return &const_cast<Result*>(this)->checked(); }

  [[nodiscard]] const Error& error() const& { return std::get<1>(state_); }
  [[nodiscard]] Error&& error() && { return std::get<1>(std::move(state_)); }

  // Adds the place to the error, if there is one.
  Result in(std::string_view where) && {
    if (ok()) return std::move(*this);
    return std::get<1>(std::move(state_)).in(where);
  }

 private:
  T& checked() {
    assert(ok() && "value() of a failed Result");
    return std::get<0>(state_);
  }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit by design

  [[nodiscard]] bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] const Error& error() const& { return *error_; }
  [[nodiscard]] Error&& error() && { return *std::move(error_); }
  Result in(std::string_view where) && {
    if (ok()) return {};
    return std::move(*error_).in(where);
  }

 private:
  std::optional<Error> error_;
};

}  // namespace zhiyin

#define ZY_CONCAT_(a, b) a##b
#define ZY_CONCAT(a, b) ZY_CONCAT_(a, b)

// ZY_TRY(auto x, f());   x is the value of f(), or this function returns f()'s error.
#define ZY_TRY(declaration, ...) ZY_TRY_(ZY_CONCAT(zy_result_, __LINE__), declaration, __VA_ARGS__)
#define ZY_TRY_(result, declaration, ...)             \
  auto result = (__VA_ARGS__);                        \
  if (!result.ok()) return std::move(result).error(); \
  declaration = std::move(result).value()

// ZY_CHECK_OK(f());      goes on if f() succeeded, or this function returns f()'s error.
#define ZY_CHECK_OK(...) ZY_CHECK_OK_(ZY_CONCAT(zy_result_, __LINE__), __VA_ARGS__)
#define ZY_CHECK_OK_(result, ...)                                                    \
  do {                                                                               \
    if (auto result = (__VA_ARGS__); !result.ok()) return std::move(result).error(); \
  } while (false)
