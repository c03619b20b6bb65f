// Writing a sealed reel anew: as small as it can be, or as one that is written in place.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "engine/core/result.h"
#include "engine/os/owned_fd.h"

namespace labreel {

// A sealed reel that is not longer than this gets small database pages: with large ones an empty reel has 768 KiB.
inline constexpr std::uint64_t kSmallReel_bytes = 4 << 20;

// Told how far it is: each event counts once as it is written, and once as it is read back.
using EventsRewritten = std::function<void(std::uint64_t done, std::uint64_t total)>;

struct RewriteOptions {
  bool small_pages = false;  // of the database; a reel with them is not written in place
  bool compress = false;     // the events' pages; else they stay as they are
  EventsRewritten progress{};
};

// Writes a sealed reel anew beside itself, as `NAME-new`, checks that from end to end, and puts it in its place by one
// rename: killed at any moment, one whole reel has the name. Events, host notes, packed files and the digest are the same,
// and so are owner and mode.
//
// Shape:  the caller holds the reel's lock (reel_lock.h); what is returned is the new file's.
// Errors: a reel that is cut off or damaged, a disk that is full, an owner that cannot be kept. The reel is as before then.
Result<OwnedFd> rewrite_reel(const std::string& path, const RewriteOptions& options);

// Gives a reel that is to be written in place the pages for that, if it has small ones; the caller holds its lock, `lock`,
// and has the new file's then. Returns whether it had small ones.
//
// Errors: as rewrite_reel's.
Result<bool> open_up_reel(const std::string& path, OwnedFd& lock);

enum class Pages { as_they_are, compressed };

// Makes a sealed reel small: with small database pages if it is not long, and compressed pages if that is wished. The
// second is for who holds its lock.
//
// Errors: as rewrite_reel's. The reel is whole all the same.
Status settle_reel(const std::string& path, Pages pages = Pages::as_they_are, const EventsRewritten& progress = {});
Status settle_locked_reel(const std::string& path, Pages pages = Pages::as_they_are, const EventsRewritten& progress = {});

}  // namespace labreel
