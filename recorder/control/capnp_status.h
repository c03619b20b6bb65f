// Between a LabStatus as control.capnp has it and ours.
#pragma once

#include "recorder/control/capnp_text.h"
#include "recorder/control/control.capnp.h"
#include "recorder/lab_control.h"

namespace labreel {

inline void fill(rpc::LabStatus::Builder status, const LabStatus& now) {
  status.setLab(to_capnp(now.lab));
  status.setReel(to_capnp(now.reel));
  status.setLabFile(to_capnp(now.lab_file));
  status.setPid(now.pid);
  status.setTimeNs(now.time_ns);
  status.setEvents(now.events);
  status.setFrames(now.frames);
  status.setNodes(now.nodes);
  status.setState(to_capnp(now.state));
}

inline LabStatus from_capnp(rpc::LabStatus::Reader status) {
  return {from_capnp(status.getLab()),
          from_capnp(status.getReel()),
          from_capnp(status.getLabFile()),
          status.getPid(),
          status.getTimeNs(),
          status.getEvents(),
          status.getFrames(),
          status.getNodes(),
          from_capnp(status.getState())};
}

}  // namespace labreel
