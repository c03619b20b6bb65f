#include "recorder/verbs/virtual_lab.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "engine/nodes/uml/kernel_cache.h"
#include "engine/nodes/uml/launch.h"
#include "recorder/verbs/recording.h"
#include "recorder/verbs/verb.h"
#include "replay/json.h"

namespace labreel {
namespace {

void give_delay(CableSettings& settings) {
  if (settings.delay_ns == 0) settings.delay_ns = kVirtualCableDelay_ns;
}

}  // namespace

UmlOptions prepare_guests(const LabFile& file) {
  UmlKernel kernel = find_uml_kernel();
  if (!kernel.built) {
    fmt::print(stderr, "building the kernel of uml nodes; this happens once and takes some minutes\n");
    throw_unless_ok(build_uml_kernel([](std::string_view line) {
      if (::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "  {}\n", line);
    }));
    kernel = find_uml_kernel();
  }
  if (file.strict && !can_hide_cpuid()) {
    say("this CPU does not let cpuid trap: guests see its real identity, and its own random numbers (rdrand) differ");
  }
  UmlOptions options;
  options.kernel = kernel.path;
  options.seed = file.seed;
  options.strict = file.strict;
  if (!file.image.empty()) {
    namespace fs = std::filesystem;
    options.image = fs::absolute(fs::path{file.directory} / file.image).lexically_normal();
  }
  return options;
}

void give_virtual_delays(LabFile& file) {
  for (LinkDef& link : file.links) {
    for (CableSettings& out : link.out) give_delay(out);
  }
  for (LanDef& lan : file.lans) {
    for (LanPortDef& port : lan.ports) {
      give_delay(port.out);
      give_delay(port.in);
    }
  }
}

std::string describe_inputs(const UmlOptions& options) {
  const UmlInputs inputs = value_or_throw(uml_inputs(options));
  JsonWriter json;
  json.begin_object();
  json.key("calendar_policy").value(inputs.calendar_policy);
  json.key("kernel").value(inputs.kernel);
  if (!inputs.image.empty()) json.key("image").value(inputs.image);
  json.key("guest_program").value(inputs.guest_program);
  json.key("memory_mib").value(inputs.memory_mib);
  json.key("clock_cost_ns").value(inputs.clock_cost_ns);
  json.key("epoch_s").value(inputs.epoch_s);
  json.key("strict").value(inputs.strict);
  if (inputs.strict) json.key("cpuid_hidden").value(inputs.cpuid_hidden);
  json.end_object();
  return json.take();
}

}  // namespace labreel
