#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <stdexcept>

#include "engine/clock/virtual/virtual_loop.h"
#include "engine/core/fabric.h"
#include "engine/nodes/uml/kernel_cache.h"
#include "engine/nodes/uml/uml_driver.h"
#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"
#include "recorder/doctor/checks.h"
#include "recorder/doctor/firmware.h"
#include "recorder/doctor/isolation.h"

namespace labreel {
namespace {

constexpr std::chrono::seconds kUmlLimit{60};
constexpr std::chrono::seconds kQemuLimit{20};
constexpr NodeId kNode{0};

// Numbers events and forgets them.
class NoRecord final : public EventSink {
 public:
  Seq append(LabTime, Seq, const EventBody&) override { return Seq{++last_}; }
  Seq append_frame(LabTime, PortId, Bytes, std::span<const Copy>) override { return Seq{++last_}; }
  Seq next_seq() const override { return Seq{last_ + 1}; }
  void note(std::string_view, std::string_view) override {}

 private:
  std::uint64_t last_ = 0;
};

// Hears how a node begins.
class Beginning final : public NodeListener {
 public:
  bool is_up = false;
  std::optional<std::string> failure;

  void node_is_up(NodeId) override { is_up = true; }
  void node_failed(NodeId, const std::string& error) override { failure = error; }
  void node_is_down(NodeId, bool, const std::string& why) override { failure = why; }
  void port_changed(NodeId, PortId, const std::string&) override {}
  void exec_printed(ExecId, Stream, std::string_view) override {}
  void exec_ended(ExecId, std::int32_t) override {}
};

// A whole machine as a lab has it: its kernel, its init, until its agent says that it is ready.
std::string boot_uml(const std::string& kernel) {
  isolate();
  ::setenv("XDG_RUNTIME_DIR", private_folder().c_str(), 1);  // where a guest's sockets are
  Fabric fabric{1};
  NoRecord record;
  VirtualLoop loop{fabric, record};
  UmlOptions options;
  options.kernel = kernel;
  UmlDriver driver{loop, options};
  Beginning beginning;
  driver.listen(beginning);
  const auto must = [&loop](const EventBody& effect) { LABREEL_CHECK(loop.apply(Seq{}, effect).ok()); };
  must(NodeAdded{kNode, "doctor", NodeKindName::uml, std::nullopt});
  must(NodeStarting{kNode});
  driver.start(NodeSpec{kNode, "doctor", NodeKindName::uml, {}, {}});
  while (!beginning.is_up && !beginning.failure) loop.turn();
  if (beginning.failure)
    throw std::runtime_error("the kernel is built, but its machine did not start: " + *beginning.failure);
  return "the kernel of virtual-time labs is built, and booted to its init";
}

// A file without a name; the programs that we start may read it.
OwnedFd file_with(const std::string& content) {
  OwnedFd file(checked("make a file in memory", ::memfd_create("firmware", 0)));
  const auto written = checked("write a file in memory", ::write(file.get(), content.data(), content.size()));
  LABREEL_CHECK(written == static_cast<ssize_t>(content.size()));
  return file;
}

std::string kvm_fix() {
  if (::access("/dev/kvm", F_OK) != 0) {
    return "switch virtualisation on in the host's firmware, or nested virtualisation in the host above; qemu, tcg "
           "works "
           "without, slowly";
  }
  if (::access("/dev/kvm", R_OK | W_OK) != 0) return "sudo usermod -aG kvm $USER, then log in again";
  return "this host's KVM does not run guests; qemu, tcg works without, slowly";
}

}  // namespace

Finding check_uml() {
  const UmlKernel kernel = find_uml_kernel();
  if (!kernel.built) {
    const std::string packages = kernel.missing.empty() ? "" : "sudo apt install " + kernel.missing + "; ";
    return {"uml", false, "the kernel of virtual-time labs is not built", packages + "labreel kernel build"};
  }
  return finding_of("uml", try_here([&kernel] { return boot_uml(kernel.path); }, kUmlLimit),
                    "remove " + kernel.path + ", then: labreel kernel build");
}

Finding check_qemu(const std::string& accelerator) {
  const std::string check = "qemu, " + accelerator;
  const OwnedFd firmware = file_with(firmware_image());
  const Trial trial = try_program(
      {"qemu-system-x86_64", "-machine", "pc,accel=" + accelerator, "-m", "16", "-nodefaults", "-no-user-config",
       "-display", "none", "-bios", fmt::format("/proc/self/fd/{}", firmware.get()), "-chardev", "stdio,id=out",
       "-device", fmt::format("isa-debugcon,iobase={:#x},chardev=out", kFirmwarePort)},
      kQemuLimit, std::string(kFirmwareGreeting));
  if (trial.good()) return {check, true, "a machine went from 16 to 64 bits", {}};
  if (trial.status == 127 && trial.said.empty()) {
    return {check, false, "qemu-system-x86_64 is not installed", "sudo apt install qemu-system-x86"};
  }
  return finding_of(check, trial, accelerator == "kvm" ? kvm_fix() : "sudo apt install --reinstall qemu-system-x86");
}

}  // namespace labreel
