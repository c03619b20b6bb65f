// Scratch: room on the disk for what does not fit into memory, in one file that never has a name.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace labreel {

// Makes the process's scratch file, if it has none yet: in TMPDIR, or in memory where no file can be made there. Whoever will
// not be allowed to make files later calls this before.
void prepare_scratch();

// A growing file in it. Shape: of one thread; several share the process's file, but a child made by fork() has its own.
class ScratchFile {
 public:
  // Null if there is no scratch file and none can be made.
  static std::unique_ptr<ScratchFile> make();
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  // Both return 0 or an errno. What was never written is zeros.
  int read(std::uint64_t at, void* to, std::uint64_t bytes) const;
  int write(std::uint64_t at, const void* from, std::uint64_t bytes);
  void truncate(std::uint64_t size);
  std::uint64_t size() const { return size_; }

 private:
  class Store;
  explicit ScratchFile(std::shared_ptr<Store> store) : store_(std::move(store)) {}
  std::shared_ptr<Store> store_;
  std::vector<std::uint64_t> pieces_;  // where each lies in the store
  std::uint64_t size_ = 0;
};

}  // namespace labreel
