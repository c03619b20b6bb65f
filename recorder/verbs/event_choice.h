// EventChoice: which reel, and which of its events: what `events` and `export` are asked alike.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "engine/core/event_log.h"
#include "replay/event_filter.h"

namespace labreel {

struct EventChoice {
  std::string reel;
  std::string filter;
  std::string port;
  std::string from;
  std::string to;

  // Adds the options to a verb; the object must outlive it.
  void declare(CLI::App& verb);
  // The positions asked for, both inclusive; without words, the whole recording. Throws VerbError.
  Seq first(const EventLog& log) const;
  Seq last(const EventLog& log) const;
  // What passes all that was asked for; `kinds` as FilterOptions has them. Throws VerbError.
  EventFilter event_filter(const EventLog& log, const std::string& kinds = {}) const;
};

}  // namespace labreel
