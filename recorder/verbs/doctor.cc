// labreel doctor: what this host can do, by trying.
#include "recorder/doctor/doctor.h"

#include <fmt/format.h>

#include <memory>

#include "engine/text/json_writer.h"
#include "recorder/session/kinds.h"
#include "recorder/verbs/verb.h"

namespace labreel {
namespace {

void print_json(const Finding& finding) {
  JsonWriter json;
  json.begin_object();
  json.key("check").value(finding.check);
  json.key("ok").value(finding.ok);
  json.key("detail").value(finding.detail);
  json.key("fix").value(finding.fix);
  json.end_object();
  fmt::print("{}\n", json.take());
}

int examine(bool as_json) {
  bool labs_run = false;
  const bool all = examine_host(kind_checks(), [&](const Finding& finding) {
    labs_run = labs_run || (finding.ok && finding.check == "namespace labs");
    if (as_json) {
      print_json(finding);
    } else {
      fmt::print("{:<4} {:<18} {}{}{}\n", finding.ok ? "ok" : "no", finding.check, finding.detail,
                 finding.fix.empty() ? "" : "; fix: ", finding.fix);
    }
    std::fflush(stdout);
  });
  if (!all) return kExitInterrupted;
  return labs_run ? kExitDone : exit_code_of(ErrorKind::host);
}

}  // namespace

void add_doctor(CLI::App& app, int& exit_code) {
  auto as_json = std::make_shared<bool>(false);
  CLI::App* const verb = app.add_subcommand("doctor", "Say what this host can do, by trying");
  verb->add_flag("--json", *as_json, "One JSON object a check");
  verb->callback([as_json, &exit_code] { exit_code = examine(*as_json); });
}

}  // namespace labreel
