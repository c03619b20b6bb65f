// Labs in virtual time for tests: samples with their clock changed, runs of them, and the proof that they come out the
// same.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/cli/program.h"

namespace labreel::test {

// Copies a sample into the folder with its clock and its nodes' kind changed, and nothing else; returns the lab file.
std::string virtual_copy(const std::string& sample, const TestFolder& folder, const std::string& into = "lab");

// A lab file of two guests on one cable, h1 and h2; `keys` are lines at its top, `scenario` its script.
std::string two_guests(const std::string& keys, const std::string& scenario);

// Runs a lab into a reel, and returns its digest. `before` is put before the program's name: {"nice", "-n", "19"};
// `options` behind.
std::string record(const std::string& lab_file, const std::string& reel, const std::vector<std::string>& before = {},
                   const std::vector<std::string>& options = {});

std::string digest_of(const std::string& reel);

// Verifies a reel at the fabric level and at the lab level.
void require_proved(const std::string& reel);

// Makes a cache folder with a kernel of the tests' own: `change` gets the path of a copy of the real one. Returns what
// XDG_CACHE_HOME must be.
std::string cache_with_kernel(const TestFolder& folder, const std::function<void(const std::string&)>& change);

// Processes that keep every CPU busy while they live.
class Burners {
 public:
  Burners();
  ~Burners();
  Burners(const Burners&) = delete;
  Burners& operator=(const Burners&) = delete;

 private:
  std::vector<pid_t> pids_;
};

}  // namespace labreel::test
