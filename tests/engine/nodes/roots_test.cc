#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <vector>

#include "engine/nodes/roots/host_kernel.h"
#include "engine/nodes/roots/host_root.h"
#include "engine/nodes/roots/image_root.h"
#include "engine/nodes/roots/place_files.h"
#include "engine/nodes/roots/user_host_root.h"
#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"
#include "tests/places.h"

namespace labreel::roots {
namespace {

namespace fs = std::filesystem;

// A folder with what an image has, and files that can be told from the host's.
class ImageFolder {
 public:
  ImageFolder() {
    for (const std::string folder : {"dev", "etc", "proc", "run/service", "run/docker", "sys", "tmp", "srv"}) {
      fs::create_directories(path + "/" + folder);
    }
    std::ofstream(path + "/etc/motd") << "of the image\n";
    std::ofstream(path + "/run/pid") << "1\n";
    std::ofstream(path + "/run/service/socket") << "x";
    ::chmod((path + "/run/service").c_str(), 0750);
    if (::chown((path + "/run/service").c_str(), 7, 8) != 0) throw std::runtime_error("chown");
  }
  ~ImageFolder() { fs::remove_all(path); }
  ImageFolder(const ImageFolder&) = delete;
  ImageFolder& operator=(const ImageFolder&) = delete;

  const std::string path = test::build_dir() + "/image,with:signs-" + std::to_string(::getpid());
};

using MakeRoot = std::function<std::unique_ptr<Root>()>;

struct RootOfTest {
  const char* name;
  MakeRoot make;  // called in a process of its own, which it may move to other namespaces
};

const HostKernel kKernel;

// Root may read every folder; this one reads none, since it may open nothing.
class ClosedImageRoot final : public Root {
 public:
  explicit ClosedImageRoot(const std::string& folder) : root_(folder, kKernel, ImageRoot::Unreadable::are_covered) {}
  void enter(const std::vector<NodeFile>& files) const override {
    rlimit limit{};
    checked("look at a limit", ::getrlimit(RLIMIT_NOFILE, &limit));
    const rlimit none{0, limit.rlim_max};
    checked("set a limit", ::setrlimit(RLIMIT_NOFILE, &none));
    root_.enter(files);
    checked("set a limit", ::setrlimit(RLIMIT_NOFILE, &limit));
  }

 private:
  ImageRoot root_;
};

// Those that this user can enter: rootless_tests run the same cases as an ordinary one.
std::vector<RootOfTest> roots_here(const ImageFolder* image) {
  if (::geteuid() != 0) {
    return {{"user's", [] {
               HostSurvey survey = survey_host();
               IdMapping mapping = enter_user_namespace();
               return std::make_unique<UserHostRoot>(std::move(survey), std::move(mapping));
             }}};
  }
  return {{"host's", [] { return std::make_unique<HostRoot>(); }},
          {"image's", [image] { return std::make_unique<ImageRoot>(image->path, kKernel); }}};
}

std::unique_ptr<ImageFolder> image_here() {
  return ::geteuid() == 0 ? std::make_unique<ImageFolder>() : std::unique_ptr<ImageFolder>();
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> buffer;
  for (ssize_t got = 0; (got = retried([&] { return ::read(fd, buffer.data(), buffer.size()); })) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

// Runs `does` in a child, and returns what that returns, or what it threw.
std::string in_child(const std::function<std::string()>& does) {
  std::array<int, 2> ends{};
  checked("make a pipe", ::pipe2(ends.data(), O_CLOEXEC));
  OwnedFd reader(ends[0]);
  OwnedFd writer(ends[1]);
  const pid_t child = checked("fork", ::fork());
  if (child == 0) {
    std::string text;
    try {
      text = does();
    } catch (const std::exception& error) {
      text = error.what();
    }
    const bool wrote = ::write(writer.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
    ::_exit(wrote ? 0 : 1);
  }
  writer.reset();
  const std::string text = read_all(reader.get());
  int status = 0;
  retried([&] { return ::waitpid(child, &status, 0); });
  return status == 0 ? text : text + " (the child ended with " + std::to_string(status) + ")";
}

// What `looks` says as pid 1 of a node "n1" in such a root.
std::string in_root(const MakeRoot& make, const std::vector<NodeFile>& files,
                    const std::function<std::string()>& looks) {
  return in_child([&] {
    const auto root = make();
    checked("make a pid namespace", ::unshare(CLONE_NEWPID));
    return in_child([&] {
      checked("make namespaces", ::unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP));
      root->enter(files);
      name_node("n1");
      place_files(files);
      return looks();
    });
  });
}

std::string text_of(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return in ? text.str() : "cannot read " + path;
}

// "MODE USER:GROUP"
std::string rights_of(const std::string& path) {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0) return "none";
  std::ostringstream text;
  text << std::oct << (facts.st_mode & 07777U) << std::dec << ' ' << facts.st_uid << ':' << facts.st_gid;
  return text.str();
}

bool is_read_only(const std::string& path) {
  struct statvfs facts {};
  checked("look at " + path, ::statvfs(path.c_str(), &facts));
  return (facts.f_flag & ST_RDONLY) != 0;
}

std::uint64_t bytes_at(const std::string& path) {
  struct statvfs facts {};
  checked("look at " + path, ::statvfs(path.c_str(), &facts));
  return facts.f_blocks * facts.f_frsize;
}

bool is_device(const std::string& path, unsigned major_number, unsigned minor_number) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 && S_ISCHR(facts.st_mode) &&
         facts.st_rdev == makedev(major_number, minor_number);
}

std::string fresh_folders() {
  std::ostringstream out;
  const auto say = [&](const char* what, bool holds) { out << (holds ? "" : "not: ") << what << '\n'; };
  say("/tmp is empty and everyone's", fs::is_empty("/tmp") && rights_of("/tmp") == "1777 0:0");
  say("/run is root's", rights_of("/run") == "755 0:0");
  say("/dev has its devices",
      is_device("/dev/null", 1, 3) && is_device("/dev/urandom", 1, 9) && is_device("/dev/tty", 5, 0));
  say("/dev has its links",
      fs::read_symlink("/dev/ptmx") == "pts/ptmx" && fs::read_symlink("/dev/fd") == "/proc/self/fd");
  OwnedFd terminal(::open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
  say("terminals are its own", terminal.is_open() && fs::exists("/dev/pts/0") && !fs::exists("/dev/pts/1"));
  say("/proc is of its processes", fs::read_symlink("/proc/self") == "1");
  say("/proc/sys is the host's but for net", is_read_only("/proc/sys") && !is_read_only("/proc/sys/net"));
  say("/sys is the host's", is_read_only("/sys"));
  say("memory has limits", bytes_at("/tmp") == 256U << 20U && bytes_at("/run") == 64U << 20U &&
                               bytes_at("/dev/shm") == 64U << 20U && bytes_at("/dev") == 1U << 20U);
  say("new files are everyone's to read", ::umask(0) == 022);
  const std::string mounts = text_of("/proc/mounts");
  say("the layers are out of sight", mounts.find(" /tmp/") == std::string::npos);
  return out.str();
}

}  // namespace

TEST_CASE("every root gives a node folders of its own", "[nodes]") {
  const auto image = image_here();
  for (const auto& [name, make] : roots_here(image.get())) {
    INFO(name);
    CHECK(in_root(make, {}, fresh_folders) ==
          "/tmp is empty and everyone's\n/run is root's\n/dev has its devices\n/dev has its links\nterminals are its "
          "own\n"
          "/proc is of its processes\n/proc/sys is the host's but for net\n/sys is the host's\nmemory has limits\n"
          "new files are everyone's to read\nthe layers are out of sight\n");
  }
}

TEST_CASE("in every root a node has its name and its files, and what it writes stays there", "[nodes]") {
  const auto image = image_here();
  const std::string mark = "/etc/labreel-roots-test-" + std::to_string(::getpid());
  const std::vector<NodeFile> files{{mark + "/deep/file", "placed\n", 0640}, {"/etc/hostname", "mine\n", 0600}};
  for (const auto& [name, make] : roots_here(image.get())) {
    INFO(name);
    CHECK(in_root(make, files, [&] {
            std::array<char, 65> host{};
            ::gethostname(host.data(), host.size());
            std::ofstream(mark + "/written") << "w\n";
            return std::string(host.data()) + " " + text_of("/etc/hostname") + text_of(mark + "/deep/file") +
                   text_of(mark + "/written") + rights_of(mark + "/deep/file") + " " +
                   text_of("/etc/hosts").substr(0, 33);
          }) == "n1 mine\nplaced\nw\n640 0:0 127.0.0.1 localhost\n127.0.1.1 n1\n");
    CHECK_FALSE(fs::exists(mark));
    if (image) CHECK_FALSE(fs::exists(image->path + mark));
  }
}

TEST_CASE("an image's root shows the image and nothing of the host", "[nodes][root]") {
  const ImageFolder image;
  const auto make = [&] { return std::make_unique<ImageRoot>(image.path, kKernel); };
  CHECK(in_root(make, {}, [] {
          std::string names;
          for (const auto& entry : fs::directory_iterator("/")) names += entry.path().filename().string() + ' ';
          return text_of("/etc/motd") + (fs::exists("/etc/passwd") ? "passwd " : "") +
                 (fs::exists("/usr") ? "usr " : "") + std::to_string(std::count(names.begin(), names.end(), ' '));
        }) == "of the image\n7");
}

TEST_CASE("a root's run has the folders of what it is made of, without files and services", "[nodes][root]") {
  const ImageFolder image;
  const auto make = [&] { return std::make_unique<ImageRoot>(image.path, kKernel); };
  CHECK(in_root(make, {}, [] {
          std::string names;
          for (const auto& entry : fs::recursive_directory_iterator("/run")) names += entry.path().string() + ' ';
          return names + rights_of("/run/service");
        }) == "/run/service 750 7:8");
}

TEST_CASE("folders on the way to a file that cannot be read are covered, with their owner", "[nodes][root]") {
  const ImageFolder image;
  fs::create_directories(image.path + "/srv/shared");
  std::ofstream(image.path + "/srv/shared/old") << "old\n";
  REQUIRE(::chown((image.path + "/srv/shared").c_str(), 9, 9) == 0);
  const auto look = [] {
    return text_of("/srv/shared/old") + text_of("/srv/shared/new") + rights_of("/srv/shared") + " " +
           rights_of("/srv/shared/new");
  };
  const std::vector<NodeFile> files{{"/srv/shared/new", "new\n", 0644}};
  const auto as_it_is = [&] {
    return std::make_unique<ImageRoot>(image.path, kKernel, ImageRoot::Unreadable::are_covered);
  };
  CHECK(in_root(as_it_is, files, look) == "old\nnew\n755 9:9 644 9:9");
  const auto closed = [&] { return std::make_unique<ClosedImageRoot>(image.path); };
  CHECK(in_root(closed, files, look) == "cannot read /srv/shared/oldnew\n755 9:9 644 9:9");
}

TEST_CASE("a root that cannot be entered says what was tried", "[nodes][root]") {
  const auto make = [] { return std::make_unique<ImageRoot>("/no/such/image", kKernel); };
  CHECK(in_root(make, {}, [] { return std::string("entered"); }) == "mount overlay: No such file or directory");
}

}  // namespace labreel::roots
