// The init of a uml node: pid 1 in the guest's initramfs, which holds it, the node's spec and its random seed.
#include <fcntl.h>
#include <linux/random.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <sstream>
#include <string>

#include "engine/nodes/message.h"
#include "engine/nodes/roots/image_root.h"
#include "engine/nodes/roots/place_files.h"
#include "engine/nodes/uml/guest/agent.h"
#include "engine/nodes/uml/guest/guest_kernel.h"
#include "engine/nodes/uml/guest/machine_files.h"
#include "engine/nodes/uml/guest/machine_network.h"
#include "engine/os/system_call.h"

namespace labreel {
namespace {

std::string read_file(const char* path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::system_error(ENOENT, std::generic_category(), path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// Returns the name of the image that the machine's root is; empty if that is the host's files.
std::string image_name() {
  if (::access("/image", F_OK) != 0) return {};
  return read_file("/image").c_str();  // it ends at its first zero byte
}

// Gives the kernel all its randomness: from the lab's seed, so that it is the same on every run.
void seed_random(const std::string& seed) {
  struct {
    int entropy_bits = 0;
    int size = 0;
    std::array<char, 64> bytes{};
  } pool;
  pool.size = static_cast<int>(std::min(seed.size(), pool.bytes.size()));
  pool.entropy_bits = 8 * pool.size;
  std::memcpy(pool.bytes.data(), seed.data(), static_cast<std::size_t>(pool.size));
  OwnedFd random(checked("open /dev/urandom", ::open("/dev/urandom", O_RDWR | O_CLOEXEC)));
  checked("seed the random numbers", ::ioctl(random.get(), RNDADDENTROPY, &pool));
}

OwnedFd open_serial() {
  OwnedFd serial(checked("open /dev/hvc0", ::open("/dev/hvc0", O_RDWR | O_CLOEXEC | O_NOCTTY)));
  termios settings{};
  checked("look at the serial port", ::tcgetattr(serial.get(), &settings));
  ::cfmakeraw(&settings);
  settings.c_cflag |= CLOCAL | CREAD;
  checked("set the serial port", ::tcsetattr(serial.get(), TCSANOW, &settings));
  return serial;
}

// Lab time runs from the guest's first second on (kGuestHeadStart_ns).
void sleep_until_lab_begins() {
  constexpr timespec kHeadStart{1, 0};
  ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &kHeadStart, nullptr);
}

void enter_root(const NodeSpec& spec) {
  using roots::ImageRoot;
  const std::string image = image_name();
  const GuestKernel kernel;
  // A guest reads of the host what the user who runs labreel may read, and of an image everything.
  const auto unreadable = image.empty() ? ImageRoot::Unreadable::are_covered : ImageRoot::Unreadable::stay;
  ImageRoot(mount_machine_files(image), kernel, unreadable).enter(spec.files);
}

void set_up(const NodeSpec& spec) {
  roots::name_node(spec.name);  // after the seed, since the kernel adds the name to its randomness
  roots::place_files(spec.files);
  set_up_cards(spec.interfaces);
}

void run() {
  const auto spec = decode_spec(read_file("/spec"));
  const std::string seed = read_file("/seed");
  if (!spec) throw std::system_error(EINVAL, std::generic_category(), "read the node's spec");
  enter_root(*spec);
  seed_random(seed);
  Agent agent(open_serial(), spec->name);
  try {
    set_up(*spec);
  } catch (const std::exception& error) {
    agent.tell({AgentMessageKind::failed, 0, 0, error.what()});
    return;
  }
  sleep_until_lab_begins();
  agent.tell({AgentMessageKind::ready, 0, 0, {}});
  if (agent.wait_for_message().kind != AgentMessageKind::go) return;
  put_cards_up(spec->interfaces);
  agent.serve();
}

}  // namespace
}  // namespace labreel

int main() {
  try {
    labreel::run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "labreel: %s\n", error.what());  // to the kernel's console, which the driver reads
  }
  ::sync();
  ::reboot(RB_POWER_OFF);
  return 1;
}
