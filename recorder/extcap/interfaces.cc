#include "recorder/extcap/interfaces.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string_view>

#include "engine/text/text.h"
#include "recorder/control/control_client.h"
#include "recorder/control/registry.h"
#include "replay/export_survey.h"
#include "replay/reel_log.h"

namespace labreel {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "labreel:";
constexpr std::string_view kReelEnding = ".reel";
constexpr std::size_t kReels_max = 20;
constexpr std::uint64_t kFirstPages_bytes = 1U << 20U;  // a lab's ports are among its first events

std::vector<std::string> ports_of_lab(const RunningLab& lab) {
  std::vector<std::string> ports;
  if (lab.pid == 0) return ports;  // too busy to say
  auto client = ControlClient::connect(lab.socket);
  if (!client) return ports;
  auto pages = client->pages(0, kFirstPages_bytes);
  if (!pages) return ports;
  const auto beginning = ReelReader::from_pages(std::move(*pages), {});
  if (!beginning) return ports;
  const ReelLog log{*beginning};
  const auto events = log.events();
  const ExportSurvey survey = survey_for_export(*events);
  for (const PortInfo& port : survey.topology.ports()) ports.push_back(survey.topology.name_of(port.added.port));
  return ports;
}

struct FoundReel {
  std::string path;
  fs::file_time_type written;
};

// Wireshark runs us in the folder of our program; PWD still says where the person started it.
fs::path starting_folder() {
  for (const char* const variable : {"PWD", "HOME"}) {
    const char* const folder = std::getenv(variable);
    if (folder != nullptr && *folder == '/') return folder;
  }
  return fs::current_path();
}

void add_reels(const fs::path& named, std::vector<FoundReel>& reels) {
  std::error_code failure;
  const auto add = [&](const fs::path& path) {
    const auto written = fs::last_write_time(path, failure);
    const bool is_here = path.parent_path() == starting_folder();
    if (!failure) reels.push_back({is_here ? path.filename().string() : path.string(), written});
  };
  if (!fs::is_directory(named, failure)) {
    if (named.extension() == kReelEnding) add(named);
    return;
  }
  for (const fs::directory_entry& entry : fs::directory_iterator{named, failure}) {
    if (entry.path().extension() == kReelEnding) add(entry.path());
  }
}

std::vector<std::string> newest_reels() {
  std::vector<FoundReel> reels;
  const char* const listed = std::getenv("LABREEL_REELS");
  const fs::path here = starting_folder();
  std::istringstream names{listed == nullptr || *listed == '\0' ? here.string() : listed};
  for (std::string name; std::getline(names, name, ':');) {
    if (!name.empty()) add_reels(here / name, reels);
  }
  std::ranges::sort(reels, std::ranges::greater{}, &FoundReel::written);
  if (reels.size() > kReels_max) reels.resize(kReels_max);
  std::vector<std::string> paths;
  for (FoundReel& reel : reels) paths.push_back(std::move(reel.path));
  return paths;
}

// Wireshark reads `{key=value}` words, a line each, and shows what it reads.
bool can_be_listed(const std::string& text) {
  return text.find_first_of("{}") == std::string::npos && printable(text) == text;
}

}  // namespace

std::vector<CaptureInterfaceName> capture_interfaces() {
  std::vector<CaptureInterfaceName> interfaces;
  const auto add = [&](const std::string& what, std::string display) {
    if (can_be_listed(what)) interfaces.push_back({std::string{kPrefix} + what, std::move(display)});
  };
  const auto labs = running_labs();
  for (const RunningLab& lab : labs ? *labs : std::vector<RunningLab>{}) {
    add(lab.lab, "labreel lab " + lab.lab + ", live");
    for (const std::string& port : ports_of_lab(lab)) {
      add(lab.lab + ":" + port, "labreel lab " + lab.lab + ", port " + port + ", live");
    }
  }
  for (const std::string& reel : newest_reels()) add(reel, "labreel reel " + reel);
  return interfaces;
}

Result<CaptureTarget> capture_target_of(const std::string& value) {
  if (!value.starts_with(kPrefix) || value.size() == kPrefix.size()) {
    return Error{ErrorKind::usage, "no interface `" + value + "`", {}, "labreel-extcap --extcap-interfaces"};
  }
  const std::string what = value.substr(kPrefix.size());
  CaptureTarget target;
  if (what.ends_with(kReelEnding)) {
    target.reel = (starting_folder() / what).string();
    return target;
  }
  const std::size_t colon = what.find(':');
  target.lab = what.substr(0, colon);
  if (colon != std::string::npos) target.port = what.substr(colon + 1);
  return target;
}

}  // namespace labreel
