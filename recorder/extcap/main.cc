// labreel-extcap: shows running labs and reels among Wireshark's interfaces. Wireshark runs it; see README.md.
//
// Source: extcap(4); notes on what Wireshark really does are in README.md.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>

#include "engine/text/text.h"
#include "recorder/extcap/capture.h"
#include "recorder/extcap/interfaces.h"
#include "recorder/verbs/verb.h"
#include "recorder/version.h"
#include "replay/event_filter.h"

namespace labreel {
namespace {

void list_interfaces() {
  fmt::print("extcap {{version={}}}{{display=labreel}}\n", kProgramVersion);
  for (const CaptureInterfaceName& interface : capture_interfaces()) {
    fmt::print("interface {{value={}}}{{display={}}}\n", interface.value, interface.display);
  }
  fmt::print(
      "control {{number=0}}{{type=button}}{{display=Play}}{{tooltip=Go on}}\n"
      "control {{number=1}}{{type=button}}{{display=Pause}}{{tooltip=Hold the packets back}}\n"
      "control {{number=2}}{{type=button}}{{display=Step}}{{tooltip=Pause, and let one packet through}}\n");
}

void list_options(const CaptureTarget& target) {
  const bool is_reel = !target.reel.empty();
  fmt::print(
      "arg {{number=0}}{{call=--from}}{{display=From}}{{type=string}}{{tooltip=A position: an event's number, "
      "a marker, +12.5s; empty: {}}}\n",
      is_reel ? "the beginning" : "now");
  fmt::print(
      "arg {{number=1}}{{call=--with-events}}{{display=Commands, too}}{{type=boolflag}}{{default=false}}"
      "{{tooltip=Commands and other events as packets of their own}}\n");
  if (target.port.empty()) {
    fmt::print(
        "arg {{number=2}}{{call=--port}}{{display=Port}}{{type=string}}{{tooltip=Only this port, such as "
        "r1:eth1; empty: all}}\n");
  }
  if (target.port.empty()) {
    fmt::print(
        "arg {{number=4}}{{call=--all-ports}}{{display=TCP at every port}}{{type=boolflag}}{{default=false}}"
        "{{tooltip=Otherwise each TCP packet once, so that Wireshark's analysis of it is right}}\n");
  }
  if (is_reel) {
    fmt::print(
        "arg {{number=3}}{{call=--speed}}{{display=Speed}}{{type=double}}{{range=0,1000000}}{{default=1}}"
        "{{tooltip=1 is the lab's own pace, 0 as fast as can be}}\n");
  }
}

struct Calls {
  bool interfaces = false;
  bool config = false;
  bool dlts = false;
  bool capture = false;
  std::string wireshark_version;
};

// Wireshark checks a filter without a capture: silence is consent, and words on stdout say what is wrong.
void judge_filter(const std::string& filter) {
  const auto compiled = FrameFilter::compile(filter);
  if (!compiled) fmt::print("{}\n", compiled.error().what);
}

void answer(const Calls& calls, const CaptureWords& words) {
  if (calls.interfaces) return list_interfaces();
  const CaptureTarget target = value_or_throw(capture_target_of(words.interface));
  if (calls.config) return list_options(target);
  if (calls.dlts) {
    fmt::print("dlt {{number=1}}{{name=EN10MB}}{{display=Ethernet}}\n");
  } else if (calls.capture) {
    if (words.fifo.empty()) throw VerbError(Error{ErrorKind::usage, "--capture needs --fifo"});
    capture(words);
  } else if (!words.filter.empty()) {
    judge_filter(words.filter);
  } else {
    throw VerbError(Error{
        ErrorKind::usage, "Wireshark runs this program", {}, "labreel extcap install, then choose a lab in Wireshark"});
  }
}

int run_program(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed FIFO is an error of write(), not our end
  CLI::App app{"Shows running labs and reels among Wireshark's interfaces"};
  Calls calls;
  CaptureWords words;
  app.add_flag("--extcap-interfaces", calls.interfaces);
  app.add_option("--extcap-version", calls.wireshark_version);
  app.add_flag("--extcap-config", calls.config);
  app.add_flag("--extcap-dlts", calls.dlts);
  app.add_flag("--capture", calls.capture);
  app.add_option("--extcap-interface", words.interface);
  app.add_option("--extcap-capture-filter", words.filter);
  app.add_option("--extcap-control-in", words.control_in);
  app.add_option("--extcap-control-out", words.control_out);
  app.add_option("--fifo", words.fifo);
  app.add_option("--from", words.from);
  app.add_option("--port", words.port);
  app.add_option("--speed", words.speed)->check(CLI::NonNegativeNumber);
  app.add_flag("--with-events", words.with_events);
  app.add_flag("--all-ports", words.all_ports);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app.help());
    return 0;
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "labreel-extcap: {}\n", error.what());
    return 2;
  }
  answer(calls, words);
  return 0;
}

void print_failure(const Error& error) {
  fmt::print(stderr, "labreel: {}{}{}\n", printable(error.place), error.place.empty() ? "" : ": ",
             printable_lines(error.what));
  if (!error.hint.empty()) fmt::print(stderr, "hint: {}\n", printable(error.hint));
}

}  // namespace
}  // namespace labreel

int main(int argc, char** argv) {
  try {
    return labreel::run_program(argc, argv);
  } catch (const labreel::VerbError& failure) {
    labreel::print_failure(failure.error());
  } catch (const std::exception& failure) {
    labreel::print_failure(labreel::Error{labreel::ErrorKind::host, failure.what()});
  }
  return 1;
}
