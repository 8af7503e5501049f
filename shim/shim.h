/* shim.h - what shim.c and clients.c share, and the system calls as shim.c makes them.
 *
 * CALL(name, ...) makes one system call and returns its result or -errno. With SHIM_FREESTANDING it is the raw Linux
 * call and the program has no C library at all: nothing is loaded, initialised or looked up before the first line of
 * main. Without, it goes through the C library (musl, static glibc, macOS, the sanitizers). */
#ifndef SHIM_H
#define SHIM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#ifndef SHIM_VERSION
#define SHIM_VERSION "unknown"
#endif
#define VERSION "security-hooks-shim " SHIM_VERSION "\n"
#define HELP \
    "usage: security-hooks-shim CLIENT [--socket PATH] [--id RANDOM] [--observe]\n" \
    "Asks the security-hooks daemon about the hook call on stdin and answers as CLIENT expects.\n" \
    "CLIENT: claude-code, gemini-cli or codex-cli. PATH: the daemon's socket, absolute.\n" \
    "--observe: let the call run, silently, when the daemon cannot be asked. See security-hooks-shim(1).\n"

#define TEXT_MAX 4000          /* bytes of either text of a reply */
#define STDIN_MAX (64L << 20)  /* bytes of a call */
#ifndef DEADLINE_MS            /* milliseconds from start to verdict; this and the next two differ in tests only */
#define DEADLINE_MS 5000
#endif
#ifndef PASSWD
#define PASSWD "/etc/passwd"
#endif
#ifndef RUNTIME_DIRS
#define RUNTIME_DIRS "/run/user/"
#endif
#define RUNTIME_SOCKET "/security-hooks/hook.sock"
#ifdef __APPLE__
#undef RUNTIME_DIRS
#define RUNTIME_DIRS "/dev/null/" /* no such thing here */
#define HOME_SOCKET "/Library/Caches/security-hooks/hook.sock"
#else
#define HOME_SOCKET "/.local/state/security-hooks/run/hook.sock"
#endif

enum reason {
    USAGE, NO_HOME, PATH_TOO_LONG, STREAM_CLOSED, SYSTEM, NO_DAEMON, NO_ACCESS, WRONG_PEER, STDIN_LATE, STDIN_FAILED,
    STDIN_TOO_LARGE, NOT_READ, DAEMON_LATE, NO_REPLY, BAD_REPLY, NOT_WRITTEN, REASONS
};

/* One row per reason: what failed, what mends it; put into JSON as it is, so without quotes or backslashes. */
struct failure { const char *what, *mend; };
extern const struct failure failures[REASONS];

/* Which streams a reply with status 2 must use, so that this client takes it for a denial. */
enum denial { ON_EITHER, ON_STDOUT, ON_STDERR_ALONE };

/* One row per client. `json` opens the JSON object that denies any of its events; `"}` follows the reason. */
struct client { const char *name, *json; enum denial denial; };
extern const struct client clients[];
extern const size_t client_count;

#ifdef SHIM_FREESTANDING
#include <sys/syscall.h>
#define CALL(name, ...) RAW(SYS_##name, __VA_ARGS__, 0, 0, 0, 0, 0)
#define RAW(n, a, b, c, d, e, f, ...) \
    raw_call(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

#if defined __x86_64__
static inline long raw_call(long n, long a, long b, long c, long d, long e, long f)
{
    register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
    __asm__ volatile("syscall" : "+a"(n) : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
    return n;
}
#define ENTRY __asm__(".globl _start\n_start: xor %ebp, %ebp\nmov (%rsp), %rdi\nlea 8(%rsp), %rsi\n" \
                      "and $-16, %rsp\ncall main\nhlt");
#elif defined __aarch64__
static inline long raw_call(long n, long a, long b, long c, long d, long e, long f)
{
    register long x8 __asm__("x8") = n, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d, x4 __asm__("x4") = e, x5 __asm__("x5") = f;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
}
#define ENTRY __asm__(".globl _start\n_start: mov x29, #0\nldr x0, [sp]\nadd x1, sp, #8\nbl main\nbrk #1");
#else
#error "no freestanding build for this machine: use LIBC=musl or LIBC=glibc"
#endif

static inline _Noreturn void sys_exit(int status)
{
    for (;;) CALL(exit_group, status);
}
static inline unsigned sys_euid(void) { return (unsigned)CALL(geteuid, 0); }
static inline void sys_ignore_sigpipe(void)
{
    const long action[8] = {(long)SIG_IGN}; /* the kernel's struct sigaction: handler, flags, restorer, mask */
    CALL(rt_sigaction, SIGPIPE, action, 0, sizeof(uint64_t));
}
static inline long sys_poll(struct pollfd *fd, long milliseconds) /* aarch64 has no poll */
{
    struct timespec left = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    return CALL(ppoll, fd, 1, &left, 0, 0);
}
#else
#define CALL(name, ...) c_library((long)name(__VA_ARGS__))
#define ENTRY
static inline long c_library(long result) { return result < 0 ? -errno : result; }
static inline _Noreturn void sys_exit(int status) { _exit(status); }
static inline unsigned sys_euid(void) { return geteuid(); }
static inline void sys_ignore_sigpipe(void) { signal(SIGPIPE, SIG_IGN); }
static inline long sys_poll(struct pollfd *fd, long milliseconds) { return CALL(poll, fd, 1, (int)milliseconds); }
#endif

#ifndef MSG_NOSIGNAL /* macOS; SIGPIPE is ignored there as here */
#define MSG_NOSIGNAL 0
#endif
#ifndef SOCK_CLOEXEC /* macOS; the shim starts no other program */
#define SOCK_CLOEXEC 0
#endif
#ifndef O_PATH
#define O_PATH O_RDONLY
#endif

/* The uid of whoever listens behind a connected socket; negative where the system does not say. */
static inline int64_t sys_peer_uid(int fd)
{
#ifdef SO_PEERCRED
    struct ucred peer = {0, (uid_t)-1, 0};
    socklen_t size = sizeof peer;
    return CALL(getsockopt, fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 ? -1 : (int64_t)peer.uid;
#else
    uid_t uid;
    gid_t gid;
    return getpeereid(fd, &uid, &gid) < 0 ? -1 : (int64_t)uid;
#endif
}

#endif
