#include "recorder/lock/call_lists.h"

#include <fcntl.h>
#include <sys/ioctl.h>

#include <array>

namespace labreel {
namespace {

constexpr const char* kAllowed[] = {
    // What is open: reading, writing, waiting. A file that was opened for reading cannot be changed through it.
    "read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "preadv2", "pwritev2", "lseek", "_llseek",
    "close", "close_range", "dup", "dup2", "dup3", "fstat", "fstat64", "fstatfs", "fstatfs64", "fsync", "fdatasync", "fadvise64",
    "readahead", "fallocate", "ftruncate", "ftruncate64", "flock", "getdents", "getdents64", "sendfile", "sendfile64",
    "poll", "ppoll", "select", "pselect6", "_newselect", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait",
    "epoll_pwait", "epoll_pwait2", "pipe", "pipe2", "eventfd2", "signalfd4", "timerfd_create", "timerfd_settime",
    "timerfd_gettime",
    // A connected socket: the sockets of a recorder are streams, where an address in a message counts for nothing.
    "recvfrom", "recvmsg", "sendmsg", "shutdown", "getsockopt", "getsockname", "getpeername",
    // Names, for looking only.
    "stat", "stat64", "lstat", "lstat64", "newfstatat", "fstatat64", "statx", "statfs", "statfs64", "access", "faccessat",
    "faccessat2", "readlink", "readlinkat", "getcwd",
    // Memory.
    "brk", "mmap", "mmap2", "munmap", "mremap", "mprotect", "madvise", "msync", "mincore", "membarrier", "memfd_create",
    // Threads, signals, time, this process.
    "futex", "futex_waitv", "set_robust_list", "get_robust_list", "rseq", "set_tid_address", "arch_prctl", "sched_yield",
    "sched_getaffinity", "sched_getparam", "sched_getscheduler", "sched_get_priority_max", "sched_get_priority_min",
    "gettid", "getpid", "getppid", "getpgrp", "getpgid", "getsid", "getuid", "geteuid", "getgid", "getegid", "getresuid",
    "getresgid", "getgroups", "uname", "sysinfo", "getrusage", "getrlimit", "ugetrlimit", "getcpu", "times", "time",
    "getrandom", "exit", "exit_group", "wait4", "waitid", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending",
    "rt_sigsuspend", "rt_sigtimedwait", "sigaltstack", "sigreturn", "restart_syscall", "pause", "alarm", "setitimer",
    "getitimer", "nanosleep", "clock_nanosleep", "clock_gettime", "clock_gettime64", "clock_getres", "gettimeofday",
};

constexpr const char* kFatal[] = {
    // Names, for anything else.
    "unlink", "unlinkat", "rmdir", "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "truncate",
    "truncate64", "creat", "mkdir", "mkdirat", "mknod", "mknodat", "chmod", "fchmodat", "chown", "lchown", "fchownat", "utime",
    "utimes", "utimensat", "futimesat", "setxattr", "lsetxattr", "removexattr", "lremovexattr", "open_by_handle_at",
    // Programs and other processes.
    "execve", "execveat", "fork", "vfork",
#if !defined(__SANITIZE_ADDRESS__)
    "ptrace",  // the address sanitizer looks for leaks by it
#endif
    "process_vm_readv", "process_vm_writev", "pidfd_getfd", "pidfd_open", "pidfd_send_signal", "setns", "unshare", "kcmp",
    // The world outside.
    "connect", "bind", "listen", "accept", "accept4", "socket", "socketpair", "io_uring_setup", "io_uring_enter",
    "io_uring_register",
    // The host.
    "mount", "umount2", "pivot_root", "chroot", "fsopen", "fsmount", "fsconfig", "fspick", "open_tree", "move_mount", "mount_setattr",
    "swapon", "swapoff", "reboot", "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "bpf",
    "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key", "quotactl", "acct", "syslog", "setuid", "setgid",
    "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "capset", "settimeofday", "clock_settime", "adjtimex",
    "clock_adjtime", "sethostname", "setdomainname", "iopl", "ioperm",
};

constexpr const char* kWriting[] = {"open", "openat", "unlink", "unlinkat", "rmdir", "mkdir", "mkdirat", "rename", "renameat",
                                    "renameat2", "fchmod", "fchown", "umask"};

// Of a terminal what the stepper needs; TIOCSTI, which types into it, is not here.
constexpr std::uint32_t kIoctls[] = {TCGETS, TCSETS, TCSETSW, TCSETSF, TIOCGWINSZ, TIOCGPGRP, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX};

// F_SETOWN and F_SETSIG, which have the kernel send signals, are not here.
constexpr std::uint32_t kFcntls[] = {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD,    F_GETFL,     F_SETFL,
                                     F_GETLK, F_SETLK,         F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW};

}  // namespace

std::span<const char* const> allowed_calls() { return kAllowed; }
std::span<const char* const> fatal_calls() { return kFatal; }
std::span<const char* const> writing_calls() { return kWriting; }
std::span<const std::uint32_t> allowed_ioctls() { return kIoctls; }
std::span<const std::uint32_t> allowed_fcntls() { return kFcntls; }

}  // namespace labreel
