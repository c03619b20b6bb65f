#include "recorder/doctor/doctor.h"

#include <unistd.h>

#include <system_error>
#include <vector>

#include "recorder/doctor/checks.h"

namespace labreel {
namespace {

// What nodes and ports are made of, what readers are locked with, and the programs beside us.
void add_other_checks(std::vector<HostCheck>& checks) {
  for (const auto check : {check_user_namespaces, check_subordinate_ids, check_tap, check_packet_socket}) checks.emplace_back(check);
  if (::geteuid() == 0) checks.emplace_back([] { return check_overlay(false); });
  checks.emplace_back([] { return check_overlay(true); });
  checks.emplace_back(check_cgroup_delegation);
  checks.emplace_back(check_landlock);
  checks.emplace_back(check_call_filter);
  checks.emplace_back([] {
    return check_program("tshark", {"tshark", "--version"}, "TShark", "sudo apt install tshark");
  });
  checks.emplace_back([] {
    return check_program("frr", {"/usr/lib/frr/zebra", "--version"}, "version", "sudo apt install frr");
  });
  for (const char* const accelerator : {"kvm", "tcg"}) {
    checks.emplace_back([accelerator] { return check_qemu(accelerator); });
  }
  checks.emplace_back([] { return check_program("npm", {"npm", "--version"}, ".", "sudo apt install npm"); });
}

}  // namespace

Finding finding_of(std::string check, const Trial& trial, const std::string& fix) {
  if (trial.good()) return {std::move(check), true, first_line(trial.said), {}};
  std::string detail = trial.ended ? first_line(trial.said) : "it did not end in its time";
  if (detail.empty()) detail = "it ended with status " + std::to_string(trial.status);
  return {std::move(check), false, std::move(detail), fix};
}

Finding check_program(const std::string& check, const std::vector<std::string>& words, const std::string& word,
                      const std::string& fix) {
  Trial trial = try_program(words, kTrialLimit);
  if (const std::size_t at = trial.said.find(word); trial.good() && at != std::string::npos) {
    trial.said.erase(0, trial.said.rfind('\n', at) + 1);  // a warning may come first; npos + 1 is 0
  }
  Finding finding = finding_of(check, trial, fix);
  if (trial.status == 127) finding.detail = words[0] + " is not installed";
  return finding;
}

bool examine_host(std::vector<HostCheck> checks, const std::function<void(const Finding&)>& tell) {
  add_other_checks(checks);
  const TrialGuard guard;
  for (const HostCheck& check : checks) {
    const Finding finding = check();
    if (TrialGuard::interrupted()) return false;
    tell(finding);
  }
  return true;
}

}  // namespace labreel
