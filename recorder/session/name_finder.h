// NameFinder: finds nodes, ports and lans by what people call them, or says which name was meant.
#pragma once

#include <string>

#include "recorder/session/lab_runtime.h"

namespace labreel {

// Errors: Error{usage} with a suggestion.
class NameFinder {
 public:
  explicit NameFinder(LabRuntime runtime) : runtime_(std::move(runtime)) {}
  Result<NodeId> node(const std::string& name) const;
  Result<PortId> port(const std::string& name) const;
  Result<LanId> lan(const std::string& name) const;

 private:
  LabRuntime runtime_;
};

}  // namespace labreel
