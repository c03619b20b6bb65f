// labreel ps: the labs that run now.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "engine/text/json_writer.h"
#include "engine/text/text.h"
#include "recorder/control/registry.h"
#include "recorder/session/lab_runtime.h"
#include "recorder/verbs/live.h"

namespace labreel {
namespace {

void print_json(const LabStatus& status) {
  JsonWriter json;
  json.begin_object();
  json.key("lab").value(status.lab);
  json.key("pid").value(status.pid);
  json.key("state").value(status.state);
  json.key("time").value(status.time_ns);
  json.key("nodes").value(status.nodes);
  json.key("events").value(status.events);
  json.key("frames").value(status.frames);
  json.key("reel").value(status.reel);
  json.key("lab_file").value(status.lab_file);
  json.end_object();
  fmt::print("{}\n", json.take());
}

// It has ended in the meantime, or it does not answer: then it is a lab that runs, all the same.
void say_silent(const RunningLab& running, const Error& why, bool as_json) {
  const auto now = running_labs();
  if (!now || std::ranges::find(*now, running.lab, &RunningLab::lab) == now->end()) return;
  print_error(why);
  if (as_json) {
    LabStatus status;
    status.lab = running.lab;
    status.pid = running.pid;
    status.state = "silent";
    print_json(status);
  } else {
    fmt::print("{}  silent  pid {}\n", running.lab, running.pid);
  }
}

int list_labs(bool as_json) {
  for (const RunningLab& running : value_or_throw(running_labs())) {
    auto client = ControlClient::connect(running.socket);
    if (!client) {
      say_silent(running, client.error(), as_json);
      continue;
    }
    const auto status = client->status();
    if (!status) continue;
    if (as_json) {
      print_json(*status);
    } else {
      fmt::print("{}  {}  pid {}  {} nodes  {}  {} events  {}\n", printable(status->lab), printable(status->state), status->pid,
                 status->nodes, seconds_text(status->time_ns), status->events, printable(status->reel));
    }
  }
  return kExitDone;
}

}  // namespace

void add_ps(CLI::App& app, int& exit_code) {
  auto as_json = std::make_shared<bool>(false);
  CLI::App* const verb = app.add_subcommand("ps", "List running labs");
  verb->add_flag("--json", *as_json, "One JSON object a lab");
  verb->callback([as_json, &exit_code] { exit_code = list_labs(*as_json); });
}

}  // namespace labreel
