#include "engine/nodes/uml/file_hash.h"
#include "engine/nodes/uml/guest_program.h"
#include "engine/nodes/uml/image.h"
#include "engine/nodes/uml/launch.h"
#include "engine/nodes/uml/uml_driver.h"

namespace labreel {

Result<InputsNote> uml_inputs(const UmlOptions& options) {
  auto kernel = sha256_of_file(options.kernel);
  if (!kernel)
    return Error{ErrorKind::host, "cannot read the kernel of uml nodes", options.kernel,
                 "build it: labreel kernel build"};
  InputsNote inputs;
  inputs.calendar_policy = kCalendarPolicyVersion;
  inputs.kernel = *std::move(kernel);
  if (!options.image.empty()) {
    if (std::string fault = image_fault(options.image); !fault.empty())
      return Error{ErrorKind::host, "this is no image for uml nodes: " + fault, options.image,
                   "labreel image build makes one"};
    auto image = sha256_of_file(options.image);
    if (!image) return Error{ErrorKind::host, "cannot read the image of uml nodes", options.image, {}};
    inputs.image = *std::move(image);
  }
  inputs.guest_program = sha256_hex(guest_init_program());
  inputs.memory_mib = options.memory_mib;
  inputs.clock_cost_ns = options.clock_cost_ns;
  inputs.epoch_s = options.epoch_s;
  inputs.strict = options.strict;
  inputs.cpuid_hidden = options.strict && can_hide_cpuid();
  return inputs;
}

}  // namespace labreel
