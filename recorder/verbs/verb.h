// What every verb shares: how it registers itself, and how it fails.
#pragma once

#include <CLI/CLI.hpp>
#include <exception>
#include <string>
#include <utility>

#include "engine/core/result.h"

namespace labreel {

// A verb that cannot go on throws this; main() prints it and exits with the code of its kind.
class VerbError : public std::exception {
 public:
  explicit VerbError(Error error) : error_(std::move(error)) {}
  const Error& error() const { return error_; }
  const char* what() const noexcept override { return error_.what.c_str(); }

 private:
  Error error_;
};

// Takes the value, or throws its error to main().
template <class T>
T value_or_throw(Result<T> result) {
  if (!result) throw VerbError(std::move(result).error());
  return std::move(result).value();
}
// The same for what a file said: the error's place begins with the file.
template <class T>
T value_or_throw(Result<T> result, const std::string& path) {
  if (result) return std::move(result).value();
  Error error = std::move(result).error();
  error.place = path + (error.place.empty() ? "" : ": " + error.place);
  throw VerbError(std::move(error));
}
inline void throw_unless_ok(Status status) { static_cast<void>(value_or_throw(std::move(status))); }

// Each verb adds its subcommand and, when it is chosen, sets `exit_code`.
using AddVerb = void (*)(CLI::App& app, int& exit_code);
void add_run(CLI::App& app, int& exit_code);
void add_branch(CLI::App& app, int& exit_code);
void add_stop(CLI::App& app, int& exit_code);
void add_ps(CLI::App& app, int& exit_code);
void add_ls(CLI::App& app, int& exit_code);
void add_exec(CLI::App& app, int& exit_code);
void add_connect(CLI::App& app, int& exit_code);
void add_link(CLI::App& app, int& exit_code);
void add_lan(CLI::App& app, int& exit_code);
void add_node(CLI::App& app, int& exit_code);
void add_mark(CLI::App& app, int& exit_code);
void add_info(CLI::App& app, int& exit_code);
void add_events(CLI::App& app, int& exit_code);
void add_export(CLI::App& app, int& exit_code);
void add_extcap(CLI::App& app, int& exit_code);
void add_import(CLI::App& app, int& exit_code);
void add_open(CLI::App& app, int& exit_code);
void add_pack(CLI::App& app, int& exit_code);
void add_unpack(CLI::App& app, int& exit_code);
void add_check(CLI::App& app, int& exit_code);
void add_query(CLI::App& app, int& exit_code);
void add_replay(CLI::App& app, int& exit_code);
void add_show(CLI::App& app, int& exit_code);
void add_verify(CLI::App& app, int& exit_code);
void add_diff(CLI::App& app, int& exit_code);
void add_rerun(CLI::App& app, int& exit_code);
void add_doctor(CLI::App& app, int& exit_code);
void add_kernel(CLI::App& app, int& exit_code);
void add_image(CLI::App& app, int& exit_code);
void add_completion(CLI::App& app, int& exit_code);
void add_version(CLI::App& app, int& exit_code);

// Exit codes (ARCHITECTURE.md, "Commands") that are not an error's kind.
inline constexpr int kExitDone = 0;
inline constexpr int kExitDiffers = 1;
inline constexpr int kExitInterrupted = 130;
int exit_code_of(ErrorKind kind);

// Prints "labreel: PLACE: WHAT" and "hint: HINT" to stderr.
void print_error(const Error& error);

}  // namespace labreel
