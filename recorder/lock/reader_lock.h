// The lock of a process that reads a stranger's file: what it takes from itself before it looks at the first byte.
#pragma once

#include <string>

namespace labreel {

// The two halves, each of which holds alone. Only tests take one of them.
enum class LockParts { both, landlock, call_filter };

// What this kernel gave. What it did not give is said in words; a process without a lock reads all the same.
struct LockReport {
  int landlock_abi = 0;            // 0: none
  std::string landlock_missing;    // why there is none
  bool call_filter = false;
  std::string call_filter_missing;

  bool complete() const { return landlock_abi > 0 && call_filter; }
};

// Takes from this process, for good and for all that it starts later: to create, open for writing, remove, rename or
// link anything by its name; to start a program; to connect or make a socket; to trace, signal or limit another process; to type into
// its terminal. What is open stays usable, names can still be read, and threads can be started.
//
// Shape: call it once the files to read, the output and the sockets are open. A second call changes nothing and
//        reports the first. Landlock binds the thread that calls, and what it starts: call it before any other thread is there.
LockReport lock_reader(LockParts parts = LockParts::both);

// The same for a reader that makes files of names that it reads: beneath one folder, Landlock lets it make, write and remove. Where
// there is no Landlock, it may do so anywhere.
LockReport lock_reader_beneath(const std::string& writable_folder);

bool reader_is_locked();

}  // namespace labreel
