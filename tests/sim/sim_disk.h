// SimDisk: a disk that gets full, gets room again, or fails its fsyncs.
#pragma once

#include <atomic>
#include <cerrno>

#include "tests/crash/disk_shim.h"

namespace labreel::sim {

enum class DiskHealth { well, full, failing_sync };

class SimDisk final : public DiskWatcher {
 public:
  void set(DiskHealth health) { health_ = health; }
  DiskVerdict before(const DiskCall& call) override {
    const DiskHealth health = health_;
    if (health == DiskHealth::full && call.op == DiskOp::write) return {SQLITE_FULL, ENOSPC};
    if (health == DiskHealth::failing_sync && call.op == DiskOp::sync) return {SQLITE_IOERR_FSYNC, EIO};
    return {};
  }

 private:
  std::atomic<DiskHealth> health_ = DiskHealth::well;
};

}  // namespace labreel::sim
