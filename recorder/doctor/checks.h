// The checks of the doctor, each of which tries one thing.
#pragma once

#include <string>
#include <vector>

#include "recorder/doctor/doctor.h"
#include "recorder/doctor/trial.h"

namespace labreel {

// A trial as a finding: what it said is the detail; `fix` counts only if it was not good.
Finding finding_of(std::string check, const Trial& trial, const std::string& fix);

// What nodes and their ports are made of.
Finding check_namespace_labs();
Finding check_user_namespaces();
Finding check_subordinate_ids();
Finding check_tap();
Finding check_packet_socket();
// An overlay in a user namespace, or, for root only, outside of one.
Finding check_overlay(bool in_user_namespace);
Finding check_cgroup_delegation();

// What a process that reads a stranger's file takes from itself: each half of the lock, tried alone.
Finding check_landlock();
Finding check_call_filter();

// Machines with kernels of their own.
Finding check_uml();
Finding check_qemu(const std::string& accelerator);

// Programs beside us: each is started, and the first line of its answer that has `word` is told.
Finding check_program(const std::string& check, const std::vector<std::string>& words, const std::string& word,
                      const std::string& fix);

}  // namespace labreel
