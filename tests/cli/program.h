// Runs labreel (or tshark …) as a user does, and keeps what it printed.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/places.h"

namespace labreel::test {

struct ProgramResult {
  int status = -1;  // exit code, or 128 + signal
  std::string out;
  std::string err;
};

// Runs a program to its end, at most `timeout_s` seconds of wall time (then it is killed and the status is 137).
ProgramResult run_program(const std::vector<std::string>& argv, const std::string& directory = ".",
                          int timeout_s = 240);

// Runs places.h's labreel_binary().
ProgramResult labreel(std::vector<std::string> arguments, const std::string& directory = ".");

// A program that goes on in the background until it is waited for; killed if the test ends before.
class BackgroundProgram {
 public:
  BackgroundProgram(const std::vector<std::string>& argv, const std::string& directory);
  ~BackgroundProgram();
  BackgroundProgram(const BackgroundProgram&) = delete;
  BackgroundProgram& operator=(const BackgroundProgram&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  // Waits for its end and returns what it printed.
  ProgramResult wait(int timeout_s = 240);
  // What it has printed so far.
  std::string out_so_far() const;
  std::string err_so_far() const;
  bool wait_for_out(const std::string& text, int timeout_s = 60) const;
  // Polls until stderr has `text`; false after the timeout.
  bool wait_for_err(const std::string& text, int timeout_s = 60) const;

 private:
  pid_t pid_ = -1;
  std::string out_path_;
  std::string err_path_;
};

// A program on a terminal of its own, as a person at a keyboard has it; killed if the test ends before.
class TerminalProgram {
 public:
  TerminalProgram(const std::vector<std::string>& argv, const std::string& directory);
  ~TerminalProgram();
  TerminalProgram(const TerminalProgram&) = delete;
  TerminalProgram& operator=(const TerminalProgram&) = delete;

  void type(const std::string& keys) const;
  void resize(unsigned short rows, unsigned short columns) const;
  // Reads until the terminal has shown `text` since the last call that found one; false after the timeout.
  bool shows(const std::string& text, int timeout_s = 20);
  bool is_raw() const;
  // Waits for its end; its status as ProgramResult's.
  int wait(int timeout_s = 30);
  const std::string& screen() const { return screen_; }

 private:
  bool read_more();

  pid_t pid_ = -1;
  int terminal_ = -1;
  std::string screen_;
  std::size_t seen_ = 0;
};

// A folder of its own that is removed with the object; LABREEL_RUN_DIR points into it while it lives, so that tests
// running side by side do not see each other's labs. Every reel that is left in it is held against the determinism oracle;
// a fault ends the test program, and the folder stays.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  void write(const std::string& name, const std::string& text) const;
  std::string read(const std::string& name) const;
  // Its reels tell of labs that never were, on purpose: the oracle does not look at them.
  void holds_made_up_reels() { holds_made_up_reels_ = true; }

 private:
  std::string path_;
  bool holds_made_up_reels_ = false;
};

std::string read_file(const std::string& path);
std::vector<std::string> lines_of(const std::string& text);

}  // namespace labreel::test
