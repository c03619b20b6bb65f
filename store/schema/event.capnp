# What a reel's pages hold. FORMAT.md explains how pages make a reel.
#
# Rules: a field's number, type and default never change; new fields take the next number; nothing is moved into a union.
# A new kind of event below 128 raises the format version; one of 128 to 255 is a note, which readers that do not know it
# pass over. "Must" is checked by every reader.
@0xd3f6b1a2c4e58790;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("labreel::schema");

struct Page {
  # One row of the table `page`: a whole message of one segment. Written by hand at the cost of memcpy (store/page.cc);
  # the order of the fields below is the order in memory.
  hashLow @0 :UInt64;           # XXH3-128 of every byte of the message behind hashHigh
  hashHigh @1 :UInt64;
  previousHashLow @2 :UInt64;   # the hash of the page before; 0 in page 0
  previousHashHigh @3 :UInt64;
  labIdLow @4 :UInt64;          # random; the same in all pages and the ring of one reel
  labIdHigh @5 :UInt64;
  number @6 :UInt64;            # 0, 1, 2 … without holes
  firstSeq @7 :UInt64;          # must be the last seq of the page before + 1; 1 in page 0
  firstTimeNs @8 :UInt64;       # lab time of the first record; must not be before the page before's last
  lastTimeNs @9 :UInt64;        # lab time of the last record
  count @10 :UInt32;            # records; must be at least 1
  formatVersion @11 :UInt16;    # 1 or 2; kinds from 128 on are in pages of version 2 only
  codec @12 :UInt8;             # 0: nothing is compressed; 1: `records` is null, and `payload` is one frame of zstd of both
  flags @13 :UInt8;             # bit 0: the page is still open (only sent by a live recorder, never in a file)
  plainBytes @14 :UInt64;       # for a codec: the size of the message before compression; 0 with codec 0
  records @15 :List(Record);    # must have `count` items
  payload @16 :Data;            # the records' payloads, in order, each padded with zeros to 8 bytes
}

struct Record {
  # One event; 32 bytes, no pointers. Its seq is the page's firstSeq plus its index.
  timeNs @0 :UInt64;         # lab time; must not be before the record before
  cause @1 :UInt64;          # the seq that led to it, 0 for none; must be smaller than its own seq
  kind @2 :UInt8;            # EventKind of engine/core/event.h; FORMAT.md lists them
  flags @3 :UInt8;           # bit 0: a frame that was cut short; the others must be 0
  copies @4 :UInt16;         # a frame's copies; 0 for every other kind
  subject @5 :UInt32;        # the node, port, link or lan it is about; 0xFFFFFFFF for none
  payloadOffset @6 :UInt32;  # in Page.payload; must be where the padded payload before ends
  payloadLength @7 :UInt32;  # bytes, without padding
}

# A frame's payload is no struct: `copies` times 16 bytes (u32 port, u8 reason, u8 flags, u16 corrupt byte, u64 due), then,
# if it was cut short, u32 length on the wire, then the frame's bytes.
#
# Every other payload is one of the structs below in canonical form: one segment, without a stream header.

struct CableSettings {
  delayNs @0 :UInt64;
  jitterNs @1 :UInt64;
  rateBps @2 :UInt64;      # bits a second; 0: no limit
  queueBytes @3 :UInt64;   # used only with a rate
  lossPpb @4 :UInt32;      # parts per thousand million, as are the next three
  duplicatePpb @5 :UInt32;
  corruptPpb @6 :UInt32;
  reorderPpb @7 :UInt32;
}

struct LabBegun {
  lab @0 :Text;
  labFile @1 :Data;        # its whole text, as it was read
  labFileName @2 :Text;    # without folders
  seed @3 :UInt64;
  clock @4 :Text;          # "real" or "virtual"
  fabricVersion @5 :UInt32;
  branchParent @6 :Text;       # of a branch: its parent lab's name; this and the next two are unset in other labs
  branchPosition @7 :UInt64;   # the last of the parent's events that the branch went through, too; 0: no branch
  branchDigest @8 :Text;       # the parent's digest at that position, in lower-case hex
}
struct LabEnded { why @0 :Text; }

struct NodeAdded {
  node @0 :UInt32;         # ids are given in order from 0, and never again
  name @1 :Text;
  nodeKind @2 :Text;       # "namespace", "uml", "qemu", "container", "ghost"
  hasPosition @3 :Bool;
  x @4 :Int32;             # used only if hasPosition: where a picture draws it
  y @5 :Int32;
  settings @6 :List(NodeSetting);  # what its kind was told of it; unset if nothing
}
struct NodeSetting { key @0 :Text; value @1 :Data; }
struct NodeOnly { node @0 :UInt32; }  # node.removed, .starting, .started, .paused, .resumed
struct NodeStopped { node @0 :UInt32; why @1 :Text; }

struct PortAdded {
  port @0 :UInt32;
  node @1 :UInt32;
  name @2 :Text;           # without the node
  mac @3 :Data;            # must be 6 bytes
  mtu @4 :UInt32;          # bytes of payload that the fabric carries
}
struct PortOnly { port @0 :UInt32; }  # port.removed, .up, .down; link.up, link.down

struct LinkAdded {
  link @0 :UInt32;
  firstPort @1 :UInt32;
  secondPort @2 :UInt32;
  firstOut @3 :CableSettings;   # what firstPort sends into
  secondOut @4 :CableSettings;
}
struct LinkOnly { link @0 :UInt32; }  # link.removed
struct LinkChanged {
  port @0 :UInt32;
  direction @1 :UInt8;     # 0 out, 1 in; must be one of them
  settings @2 :CableSettings;  # all of them, as they are now
  changed @3 :UInt8;       # bit n: the nth field of CableSettings changed
  changedMore @4 :UInt16;  # bit n: the (n + 8)th
}

struct LanAdded {
  lan @0 :UInt32;
  name @1 :Text;
  hub @2 :Bool;
  macLimit @3 :UInt32;     # addresses that a switch remembers
  ageingNs @4 :UInt64;
}
struct LanOnly { lan @0 :UInt32; }  # lan.removed
struct LanJoined {
  lan @0 :UInt32;
  port @1 :UInt32;
  out @2 :CableSettings;
  in @3 :CableSettings;
}
struct LanLeft { lan @0 :UInt32; port @1 :UInt32; }

struct Outcome {
  frame @0 :UInt64;        # seq
  copy @1 :UInt32;         # index in the frame's copies
  port @2 :UInt32;         # the receiver that the decision had named
  reason @3 :UInt8;        # Reason of engine/core/event.h; must be one of them
}

struct Command {
  verb @0 :Text;
  arguments @1 :List(Data);  # bytes, as the person gave them
  by @2 :Text;
}
struct CommandDone { ok @0 :Bool; error @1 :Text; }

struct Exec { node @0 :UInt32; argv @1 :List(Data); }
struct ExecOutput {
  node @0 :UInt32;
  stream @1 :UInt8;        # 1 stdout, 2 stderr; must be one of them
  bytes @2 :Data;
}
struct ExecDone { node @0 :UInt32; status @1 :Int32; }  # exit code, or 128 + signal
struct Console { node @0 :UInt32; input @1 :Bool; bytes @2 :Data; }

struct Scenario { step @0 :UInt32; state @1 :Text; detail @2 :Text; }  # the first step is 1
struct Marker { name @0 :Text; note @1 :Text; ask @2 :Text; }           # a question to who reads the recording; unset if none
struct Snapshot { name @0 :Text; detail @1 :Text; manifest @2 :Data; }  # unset if it does not say what was saved
struct Checkpoint { state @0 :Data; }  # Fabric::save() of the fabric version in lab.begun
struct Gap {
  where @0 :Text;          # "before-fabric", "reel", …
  frames @1 :UInt64;       # how many were lost, as far as is known
  reason @2 :Text;
  port @3 :UInt32;         # 0xFFFFFFFF: no one port
}
struct Divergence { detail @0 :Text; }

# Notes that were numbered in version 2.
struct NodeState {
  node @0 :UInt32;
  table @1 :Text;          # "route", "neighbour", …
  key @2 :Data;            # which row of it
  old @3 :Data;            # empty: there was none
  new @4 :Data;            # empty: there is none any more
}
struct Assertion { name @0 :Text; holds @1 :Bool; detail @2 :Text; }
struct ExecInput { node @0 :UInt32; bytes @1 :Data; }  # what an exec was given to read; empty: the end
