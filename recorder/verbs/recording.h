// Recording and LabRun: how every verb that runs a lab makes its parts, in the one right order, and ends them; and what those
// verbs say.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/nodes/spawner.h"
#include "engine/nodes/uml/uml_driver.h"
#include "recorder/control/control_server.h"
#include "recorder/control/lab_socket.h"
#include "recorder/session/continuation.h"
#include "recorder/session/lab_session.h"
#include "store/reel_rewrite.h"
#include "store/reel_writer.h"

namespace labreel {

// Says something to the person at the terminal.
void say(const std::string& words);

// Throws VerbError if there is a file already: a recording never replaces one.
void refuse_existing(const std::string& path);

// Throws VerbError if the lab's nodes are more than this host can bear; called before anything of the lab starts.
void refuse_too_large(const LabFile& file);

struct RecordingOptions {
  std::string reel_path;                  // absolute; empty: no reel is written, and nobody else can command the lab
  bool goes_on = false;                   // in that reel, which is there
  std::optional<UmlOptions> guests = {};  // of a lab in virtual time, if they are prepared already
};

// What a lab needs that outlives the sinks of its events: what starts its nodes, its socket, its reel.
//
// Shape:  make it before any thread, socket or database exists: the spawner is forked first, so that no node inherits one. It
//         blocks the signals that end a lab, which the session reads.
// Errors: throws VerbError, also if another recorder has the lab's name or goes on with the reel.
class Recording {
 public:
  Recording(const LabFile& file, RecordingOptions options);

  // There is one if the options have a path.
  ReelWriter& reel() { return *reel_; }

 private:
  friend class LabRun;
  const LabFile& file_;
  const std::string reel_path_;
  std::optional<UmlOptions> guests_;
  std::optional<Spawner> spawner_;
  std::optional<InputsNote> inputs_;
  std::optional<LabSocket> socket_;
  std::optional<Continuation> old_;
  std::unique_ptr<ReelWriter> reel_;
};

// The lab itself: what it runs on, its session, and who may command it. Made after the sinks of its events, gone before them.
class LabRun {
 public:
  // `sink` leads to the recording's reel, if there is one. What the recording knows of an older run and of inputs is added to
  // `options`.
  LabRun(Recording& recording, EventSink& sink, SessionOptions options, VirtualPace pace = {}, Narrate narrate = say);

  LabEngine& engine() { return *engine_; }
  LabSession& session() { return *session_; }
  // Runs the lab to its end; from now on its socket answers.
  SessionEnd run();
  // Seals the reel, as seal_reel() does.
  void seal(Pages pages = Pages::as_they_are);
  // Tells those who asked for the lab's end that it is all there.
  void tell_sealed() { session_->sealed(); }

 private:
  Recording& recording_;
  std::unique_ptr<LabEngine> engine_;
  std::unique_ptr<LabSession> session_;
  std::unique_ptr<ControlServer> server_;
};

// Seals a reel, and makes it small. Errors: what fails of the first shows in reel.state(); of the second it is said.
void seal_reel(ReelWriter& reel, const std::string& path, Pages pages = Pages::as_they_are);

// Says how the lab ended and what to do with its reel, which was sealed.
//
// Shape: `path` is absolute, `shown` as the person named it; returns the exit code.
// Errors: throws VerbError if the lab failed, or its reel could not be finished.
int finish_recording(const ReelWriter& reel, const std::string& path, const std::string& shown, SessionEnd end,
                     const LabStatus& status);

}  // namespace labreel
