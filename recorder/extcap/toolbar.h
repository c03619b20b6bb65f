// Toolbar: what a person presses on Wireshark's interface toolbar, over the two control FIFOs.
//
// Source: Wireshark's extcap(4) and doc/extcap_example.py: 'T', a length of three bytes (big endian, of what follows),
//         the control's number, the command, the payload.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "engine/os/owned_fd.h"

namespace labreel {

enum class ToolbarControl : unsigned char { play = 0, pause = 1, step = 2 };
enum class ToolbarCommand : unsigned char { initialized = 0, set = 1, status_bar = 6 };

class Toolbar {
 public:
  // Opens the FIFOs that Wireshark passed; neither open waits. Wireshark freezes until both are opened, used or not.
  //
  // Shape:  an empty path (tshark passes none) is a toolbar that nobody presses.
  // Errors: std::system_error.
  Toolbar(const std::string& control_in, const std::string& control_out);

  // Readable when something was pressed; -1 if there is no toolbar, or Wireshark closed it.
  int fd() const { return in_.get(); }
  // Reads what there is; never waits. A message that is none closes the toolbar.
  void read(const std::function<void(ToolbarControl)>& pressed);
  void show_status(std::string_view text) const;

 private:
  bool take_message(const std::function<void(ToolbarControl)>& pressed);

  OwnedFd in_;
  OwnedFd out_;
  std::string unread_;
};

}  // namespace labreel
