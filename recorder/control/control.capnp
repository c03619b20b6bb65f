@0x9b5cb65b4fcbce70;
# What a program may ask of a running lab, over the lab's owner-only Unix socket. The bootstrap capability is a Lab.
#
# Limits: a message to the lab has at most 1 MiB. Text is bytes without a zero byte, not necessarily UTF-8.
# Change this file only by adding: a client and a recorder of different versions may meet.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("labreel::rpc");

interface Lab {
  command @0 (verb :Text, arguments :List(Text), by :Text) -> (ok :Bool, error :Text, seq :UInt64, hint :Text, usage :Bool,
      occurrence :UInt32);
  # One live change, such as "link.down" ["r1:eth1"]; returns when its `command.done` is recorded.
  # `by` says who asks, here as in the other calls: "cli" or "page", perhaps with a name, as "page:anna". The recorder's own
  # words, "run", "scenario" and "branch", are refused. `seq` is the `command` event. `usage` says that the words were wrong, rather than
  # that the lab could not do it; `hint` may be empty. `occurrence` is for a "mark" that was done: how many markers of that
  # name the recording has now.

  exec @1 (node :Text, argv :List(Text), by :Text, observer :ExecObserver) -> (exec :RunningExec);
  # Starts a program in a node and returns at once; the observer hears the rest. A client that goes away ends nothing.
  # `argv` has at least the program.

  stop @2 (by :Text) -> ();
  # Ends the lab; returns when its reel is sealed.

  status @3 () -> (status :LabStatus);

  pages @4 (first :UInt64, maxBytes :UInt64) -> (pages :List(Data));
  # What is recorded so far, as pages of the reel from page `first` on (store/FORMAT.md), about `maxBytes` of them: at
  # least one if there is one, and never much more than 16 MiB. The last may be sent again later, longer.

  notes @5 (first :UInt64) -> (notes :List(HostNote), more :Bool);
  # The host notes so far, without the first `first`; about 4 MiB of them, and whether there are more.

  connect @6 (node :Text, argv :List(Text), by :Text, rows :UInt16, columns :UInt16, observer :ExecObserver) -> (console :Console);
  # Runs a program on a terminal of the node and returns at once; the observer hears what the terminal shows, as stdout,
  # and the program's end. A Console that is dropped hangs its program up, as a terminal that is closed does.

  inject @7 (port :Text, frames :List(InjectedFrame), by :Text) ->
      (commands :List(UInt64), ok :Bool, error :Text, hint :Text, usage :Bool);
  # Sends frames into a port, one after another, as so many "inject" commands would (store/FORMAT.md), and returns when the
  # last is recorded. The first that is refused ends it: the rest is not sent. `commands` has the `command` event of each
  # that was tried, so a refused one's is the last; the other results are those of the last one's command.

  follow @8 (follower :Follower) -> (following :Following);
  # Tells `follower` how the lab stands: now, and again whenever more is recorded or its state is another, at most 10 times
  # a second. Each is told when the one before was answered, and says how the lab stands then: a slow client skips what
  # was between. What is new itself is to be had with `pages`. A Following that is dropped ends it.
}

interface Follower {
  told @0 (status :LabStatus) -> ();
  # The last has the state "ended". A client that has not answered the one before by then hears its connection close
  # instead.
}

interface Following {
}

struct InjectedFrame {
  from @0 :Text;  # the port that is to have sent it; on a link it is the peer, whatever is said here
  bytes @1 :Data;
}

interface Console {
  write @0 (bytes :Data) -> ();
  # What was typed; at most 64 KiB.

  resize @1 (rows :UInt16, columns :UInt16) -> ();
}

interface RunningExec {
  cancel @0 () -> ();
  # Kills the program and its children; the observer's done() follows. Dropping a RunningExec kills nothing.
}

interface ExecObserver {
  output @0 (stream :UInt8, bytes :Data, lostBytes :UInt64) -> stream;
  # `stream` is 1 for stdout, 2 for stderr. `lostBytes` were left out just before these, because this client had
  # fallen too far behind; the reel has them.

  done @1 (status :Int32, error :Text, lostBytes :UInt64) -> ();
  # Called once, after all output. `status` is the exit code, or 128 + the signal; a non-empty `error` says why the
  # program could not be started at all.
}

struct LabStatus {
  lab @0 :Text;
  reel @1 :Text;      # absolute path
  labFile @2 :Text;   # absolute path
  pid @3 :Int64;      # of the recorder
  timeNs @4 :UInt64;  # lab time
  events @5 :UInt64;
  frames @6 :UInt64;
  nodes @7 :UInt32;
  state @8 :Text;     # "starting", "running", "stopping", "ended": its reel is sealed
}

struct HostNote {
  after @0 :UInt64;  # the event before it
  kind @1 :Text;
  detail @2 :Text;   # one JSON object
}
