#include "recorder/verbs/lab_words.h"

#include <chrono>
#include <functional>
#include <optional>
#include <system_error>

#include "recorder/control/registry.h"
#include "recorder/verbs/live.h"
#include "recorder/verbs/live_tail.h"
#include "recorder/verbs/reading_child.h"
#include "recorder/verbs/reel_choice.h"
#include "replay/names.h"

namespace labreel {
namespace {

constexpr auto kPatience = std::chrono::seconds{1};

// Collects names from events, until it has taken too long.
class Collector {
 public:
  bool take(const Event& event) {
    names_.follow(event);
    if (const auto* marker = std::get_if<Marker>(&event.body)) words_.markers.push_back(marker->name);
    return std::chrono::steady_clock::now() < deadline_;
  }
  LabWords words() {
    const Topology& topology = names_.topology();
    for (const NodeInfo& node : topology.nodes()) {
      if (!node.removed) words_.nodes.push_back(node.added.name);
    }
    for (const PortInfo& port : topology.ports()) {
      if (!port.removed) words_.ports.push_back(topology.name_of(port.added.port));
    }
    for (const LanInfo& lan : topology.lans()) {
      if (!lan.removed) words_.lans.push_back(lan.added.name);
    }
    return std::move(words_);
  }

 private:
  const std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::now() + kPatience;
  Names names_;
  LabWords words_;
};

LabWords collect_live(ControlClient recorder) {
  lock_before_reading();
  Collector collector;
  LiveTail tail{std::move(recorder)};
  static_cast<void>(tail.read_new([&](const Event& event) { return collector.take(event); }).ok());
  return collector.words();
}

LabWords collect_recorded(const ReelReader& reel) {
  Collector collector;
  auto cursor = reel.events();
  Event event;
  for (auto more = cursor.next(event); more && *more && collector.take(event);) more = cursor.next(event);
  return collector.words();
}

// Each name after a letter that says what it names.
std::string pack(const LabWords& words) {
  std::vector<std::string> texts;
  const auto add = [&](char kind, const std::vector<std::string>& names) {
    for (const std::string& name : names) texts.push_back(kind + name);
  };
  add('n', words.nodes);
  add('p', words.ports);
  add('l', words.lans);
  add('m', words.markers);
  return join_texts(texts);
}

LabWords unpack(const std::string& bytes) {
  LabWords words;
  for (const std::string& text : split_texts(bytes)) {
    if (text.empty()) continue;
    auto& names = text[0] == 'n' ? words.nodes : text[0] == 'p' ? words.ports : text[0] == 'l' ? words.lans : words.markers;
    names.push_back(text.substr(1));
  }
  return words;
}

// In a child of its own: pressing Tab in a folder reads the files that lie there. Whatever cannot be read has no names to offer.
LabWords or_nothing(const std::function<LabWords()>& collect) {
  ChildLimits limits;
  limits.time = 2 * kPatience;
  try {
    const auto read = in_reading_child([&]() -> Result<std::string> { return pack(collect()); }, limits);
    return read ? unpack(*read) : LabWords{};
  } catch (const std::system_error&) {
    return {};
  }
}

}  // namespace

LabWords words_of_lab(const std::string& lab) {
  return or_nothing([&] { return collect_live(connect_to_lab(lab)); });
}

LabWords words_of_reel(const std::string& reel) {
  return or_nothing([&] {
    const std::string path = choose_reel(reel);
    if (auto recorder = recorder_of(path)) return collect_live(std::move(*recorder));
    return collect_recorded(open_reel(path));
  });
}

std::vector<std::string> running_lab_names() {
  std::vector<std::string> names;
  if (const auto labs = running_labs()) {
    for (const RunningLab& lab : *labs) names.push_back(lab.lab);
  }
  return names;
}

std::vector<std::string> event_kind_names() {
  std::vector<std::string> names;
  for (const EventKind kind : named_kinds()) names.emplace_back(name_of(kind));
  return names;
}

}  // namespace labreel
