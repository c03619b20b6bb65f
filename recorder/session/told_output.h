// ToldOutput: what a command of the scenario prints, told to the person at the terminal: indented, its first lines only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/core/event.h"
#include "recorder/session/lab_runtime.h"

namespace labreel {

class ToldOutput {
 public:
  static constexpr std::size_t kLinesMax = 20;
  static constexpr std::size_t kColumnsMax = 200;  // bytes of a line that are told

  explicit ToldOutput(Narrate narrate) : narrate_(std::move(narrate)) {}

  // Tells each line when it is whole; stdout and stderr each have their own last line.
  void add(Stream stream, std::string_view bytes);
  // Tells the lines that were not ended, how many were left out, and the status if it is not 0.
  void finish(std::int32_t status);

 private:
  struct Line {
    std::string text;
    bool is_begun = false;
  };
  void end_line(Line& line);

  Narrate narrate_;
  Line out_;
  Line err_;
  std::size_t told_ = 0;
  std::size_t left_out_ = 0;
};

}  // namespace labreel
