// QuietKj: while it lives, the kj library writes nothing to stderr from this thread; what matters comes as an error.
#pragma once

#include <kj/exception.h>

namespace labreel {

class QuietKj final : public kj::ExceptionCallback {
 public:
  void logMessage(kj::LogSeverity, const char*, int, int, kj::String&&) override {}
  StackTraceMode stackTraceMode() override { return StackTraceMode::NONE; }
};

}  // namespace labreel
