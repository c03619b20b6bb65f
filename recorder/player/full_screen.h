// FullScreen: the terminal as a page that is painted whole, and its keys. Plain ANSI: a page of text that is painted anew
// at every key needs none of what a library for windows has.
#pragma once

#include <termios.h>

#include <string>
#include <vector>

#include "engine/os/owned_fd.h"

namespace labreel {

struct ScreenSize {
  std::size_t rows = 24;
  std::size_t columns = 80;
};

// Shape: while it lives, the terminal is raw and shows its second page; afterwards it is as it was, also if an exception
//        or a signal that can be caught ended the program. Signals that end a program are read as input.
// Errors: std::system_error.
class FullScreen {
 public:
  FullScreen();
  ~FullScreen();
  FullScreen(const FullScreen&) = delete;
  FullScreen& operator=(const FullScreen&) = delete;

  struct Input {
    std::string keys;      // arrows as ' ' (right, down) and 'b' (left, up)
    bool resized = false;
    int ended_by = 0;      // the signal, or SIGHUP if the terminal is gone
  };
  // Waits for keys, another size or an ending signal.
  Input wait();
  ScreenSize size() const;
  // Shows the lines, cut to the screen; the first one is the title.
  void paint(const std::vector<std::string>& lines);

 private:
  OwnedFd signals_;
  termios before_{};
};

// The start of a UTF-8 text, at most so many characters.
std::string cut_to(const std::string& text, std::size_t columns);

}  // namespace labreel
