// RequestStream: a client's messages, with a limit for what it sends that is tighter than for what it is sent.
#pragma once

#include <capnp/serialize-async.h>

#include <cstdint>

namespace labreel {

// A message to the lab may have so many bytes; a longer one is refused before memory is taken for it.
inline constexpr std::uint64_t kRequestBytesMax = 1 << 20;
// What the lab sends: pages of a reel are big.
inline constexpr std::uint64_t kReplyBytesMax = 256 << 20;

inline capnp::ReaderOptions limited_to(std::uint64_t bytes) {
  capnp::ReaderOptions options;
  options.traversalLimitInWords = bytes / sizeof(capnp::word);
  return options;
}

// Cap'n Proto's RPC has one limit for both ways; this reads with its own.
class RequestStream final : public capnp::MessageStream {
 public:
  explicit RequestStream(kj::AsyncIoStream& stream) : stream_(stream) {}

  kj::Promise<kj::Maybe<capnp::MessageReaderAndFds>> tryReadMessage(kj::ArrayPtr<kj::AutoCloseFd> fd_space,
                                                                    capnp::ReaderOptions,
                                                                    kj::ArrayPtr<capnp::word> scratch) override {
    return stream_.tryReadMessage(fd_space, limited_to(kRequestBytesMax), scratch);
  }
  kj::Promise<void> writeMessage(kj::ArrayPtr<const int> fds,
                                 kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>> segments) override {
    return stream_.writeMessage(fds, segments);
  }
  kj::Promise<void> writeMessages(
      kj::ArrayPtr<kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>>> messages) override {
    return stream_.writeMessages(messages);
  }
  kj::Maybe<int> getSendBufferSize() override { return stream_.getSendBufferSize(); }
  kj::Promise<void> end() override { return stream_.end(); }

 private:
  capnp::AsyncIoMessageStream stream_;
};

}  // namespace labreel
