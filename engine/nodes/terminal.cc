#include "engine/nodes/terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>

#include "engine/os/system_call.h"

namespace labreel {

Terminal open_terminal(std::uint16_t rows, std::uint16_t columns) {
  Terminal terminal;
  terminal.keyboard =
      OwnedFd(checked("open /dev/ptmx", ::open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)));
  const int locked = 0;
  checked("unlock a terminal", ::ioctl(terminal.keyboard.get(), TIOCSPTLCK, &locked));
  const int open_flags = O_RDWR | O_NOCTTY | O_CLOEXEC;
  terminal.program = OwnedFd(checked("open a terminal", ::ioctl(terminal.keyboard.get(), TIOCGPTPEER, open_flags)));
  checked("size a terminal", resize_terminal(terminal.keyboard.get(), rows, columns) ? 0 : -1);
  return terminal;
}

bool resize_terminal(int keyboard_fd, std::uint16_t rows, std::uint16_t columns) {
  const winsize size{rows, columns, 0, 0};
  return ::ioctl(keyboard_fd, TIOCSWINSZ, &size) == 0;
}

}  // namespace labreel
