// Result<T>: a value, or an Error that says what is wrong with input we did not write, and where.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "engine/core/check.h"

namespace labreel {

// What an error means for the person at the terminal; each kind has one exit code (ARCHITECTURE.md, "Commands").
enum class ErrorKind {
  differs,  // exit 1: a comparison or a check failed
  usage,    // exit 2: the command line is wrong
  input,    // exit 3: a file or message is unreadable or damaged
  host,     // exit 4: the host lacks something
  lab,      // exit 5: the lab failed
};

// One error, as it is shown: "labreel: PLACE: WHAT", then "hint: HINT".
//
// Shape: `place` is FILE:LINE, FILE: byte N, or empty; `hint` may be empty.
struct Error {
  ErrorKind kind = ErrorKind::input;
  std::string what;
  std::string place = {};
  std::string hint = {};
};

// Either a T or an Error; the caller must look before it takes the value.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}           // NOLINT(*-explicit-*)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}       // NOLINT(*-explicit-*)

  explicit operator bool() const { return state_.index() == 0; }
  bool ok() const { return state_.index() == 0; }

  T& value() & { return checked(); }
  const T& value() const& {
    LABREEL_CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  T&& value() && { return std::move(checked()); }
  T& operator*() & { return checked(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(checked()); }
  T* operator->() { return &checked(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& {
    LABREEL_CHECK(!ok());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    LABREEL_CHECK(!ok());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  T& checked() {
    LABREEL_CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  std::variant<T, Error> state_;
};

// The result of something that has nothing to return but may fail.
using Status = Result<std::monostate>;
inline Status ok_status() { return Status{std::monostate{}}; }

}  // namespace labreel
