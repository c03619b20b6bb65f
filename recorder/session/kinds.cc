#include "recorder/session/kinds.h"

#include <array>

#include "engine/nodes/namespace_driver.h"
#include "recorder/doctor/checks.h"

namespace labreel {
namespace {

std::unique_ptr<NodeDriver> make_namespaces(const EngineParts& parts) {
  return std::make_unique<NamespaceDriver>(*parts.spawner, *parts.real_time);
}

std::unique_ptr<NodeDriver> make_guests(const EngineParts& parts) {
  return std::make_unique<UmlDriver>(*parts.virtual_time, *parts.guests);
}

constexpr std::array<KindParts, kNodeKinds.size()> kKindParts{
    {{NodeKindName::host_namespace, make_namespaces, check_namespace_labs}, {NodeKindName::uml, make_guests, check_uml}}};

}  // namespace

std::span<const KindParts> kind_parts() { return kKindParts; }

std::vector<std::unique_ptr<NodeDriver>> make_drivers(ClockKind clock, const EngineParts& parts, DriverSet& drivers) {
  std::vector<std::unique_ptr<NodeDriver>> made;
  for (const KindParts& kind : kKindParts) {
    if (facts_of(kind.kind)->clock != clock) continue;
    made.push_back(kind.make_driver(parts));
    drivers.add(kind.kind, *made.back());
  }
  return made;
}

std::vector<HostCheck> kind_checks() {
  std::vector<HostCheck> checks;
  for (const KindParts& kind : kKindParts) checks.emplace_back(kind.check);
  return checks;
}

}  // namespace labreel
