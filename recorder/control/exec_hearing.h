// ExecHearing: the client's end of an exec or a console: what the lab tells it, as long as it is there to listen.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/core/event.h"
#include "recorder/control/capnp_text.h"
#include "recorder/control/control.capnp.h"

namespace labreel {

class ExecHearing {
 public:
  ExecHearing() = default;
  ExecHearing(const ExecHearing&) = delete;
  ExecHearing& operator=(const ExecHearing&) = delete;

  virtual void heard_output(Stream stream, std::string_view bytes, std::uint64_t lost_bytes) = 0;
  virtual void heard_end(std::int32_t status, std::string error, std::uint64_t lost_bytes) = 0;

  // The capability to give to the lab. It may outlive us in the lab's hands: it then finds nobody here.
  rpc::ExecObserver::Client observer() { return kj::heap<Server>(self_); }

 protected:
  ~ExecHearing() { *self_ = nullptr; }

 private:
  class Server final : public rpc::ExecObserver::Server {
   public:
    explicit Server(std::shared_ptr<ExecHearing*> hearing) : hearing_(std::move(hearing)) {}

   protected:
    kj::Promise<void> output(OutputContext context) override {
      if (*hearing_ == nullptr) return kj::READY_NOW;
      const auto params = context.getParams();
      const auto stream = params.getStream() == 2 ? Stream::stderr_stream : Stream::stdout_stream;
      const auto bytes = params.getBytes();
      (*hearing_)->heard_output(stream, {reinterpret_cast<const char*>(bytes.begin()), bytes.size()},
                                params.getLostBytes());
      return kj::READY_NOW;
    }
    kj::Promise<void> done(DoneContext context) override {
      if (*hearing_ == nullptr) return kj::READY_NOW;
      const auto params = context.getParams();
      (*hearing_)->heard_end(params.getStatus(), from_capnp(params.getError()), params.getLostBytes());
      return kj::READY_NOW;
    }

   private:
    std::shared_ptr<ExecHearing*> hearing_;
  };

  std::shared_ptr<ExecHearing*> self_ = std::make_shared<ExecHearing*>(this);
};

}  // namespace labreel
