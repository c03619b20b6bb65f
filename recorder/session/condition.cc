#include "recorder/session/condition.h"

#include <fmt/format.h>

#include <algorithm>

namespace labreel {

namespace {
constexpr std::size_t kSearchedBytes_max = 1'048'576;
}

ConditionProbe::ConditionProbe(ScenarioStage& stage, const Condition& condition)
    : stage_(stage), condition_(condition) {
  if (condition_.until.empty()) return;
  // The lab file's reader has compiled it before, so this cannot fail.
  LABREEL_CHECK(::regcomp(&regex_, condition_.until.c_str(), REG_EXTENDED | REG_NEWLINE) == 0);
}

ConditionProbe::~ConditionProbe() {
  if (!condition_.until.empty()) ::regfree(&regex_);
}

void ConditionProbe::look(Seq cause, std::function<void(const Sighting&)> then) {
  const auto node = stage_.topology().node_named(condition_.node);
  if (!node || !stage_.topology().nodes()[index_of(*node)].running) return then(Sighting{});
  output_.clear();
  // The exec's event is known only when it has been asked for; it ends later, in a turn of its own.
  const auto exec = std::make_shared<Seq>();
  ExecObserver observer;
  observer.output = [self = shared_from_this()](Stream stream, std::string_view bytes) {
    if (stream != Stream::stdout_stream) return;
    self->output_.append(bytes.substr(0, kSearchedBytes_max - std::min(kSearchedBytes_max, self->output_.size())));
  };
  observer.done = [self = shared_from_this(), exec, then = std::move(then)](std::int32_t status, const std::string&) {
    then(self->judge(*exec, status));
  };
  *exec = stage_.look(*node, condition_.run, cause, std::move(observer));
}

Sighting ConditionProbe::judge(Seq exec, std::int32_t status) const {
  Sighting sighting;
  sighting.ran = true;
  sighting.exec = exec;
  sighting.status = status;
  if (!condition_.until.empty()) sighting.seen = count_matches();
  sighting.holds = status == 0 && (condition_.until.empty() || sighting.seen >= condition_.count);
  return sighting;
}

std::uint32_t ConditionProbe::count_matches() const {
  std::string text = output_;
  std::replace(text.begin(), text.end(), '\0', ' ');  // regexec reads up to a NUL
  std::uint32_t count = 0;
  const char* at = text.c_str();
  regmatch_t match{};
  int flags = 0;
  while (*at != '\0' && ::regexec(&regex_, at, 1, &match, flags) == 0) {
    ++count;
    at += match.rm_eo > 0 ? match.rm_eo : 1;  // an empty match still moves on
    flags = at[-1] == '\n' ? 0 : REG_NOTBOL;
  }
  return count;
}

std::string ConditionProbe::describe(const Sighting& sighting) const {
  if (!sighting.ran) return "node " + condition_.node + " is not running";
  if (condition_.until.empty()) return fmt::format("last status {}", sighting.status);
  return fmt::format("`{}` seen {} of {} times, last status {}", condition_.until, sighting.seen, condition_.count,
                     sighting.status);
}

}  // namespace labreel
