/* shim.c - security-hooks-shim: carries one hook call of an AI coding agent to the daemon, and the verdict back.
 *
 *   security-hooks-shim CLIENT [--socket PATH] [--id RANDOM] [--observe]
 *   security-hooks-shim --version | --help
 *
 * CLIENT is claude-code, gemini-cli or codex-cli. PATH is absolute. RANDOM is ignored: it makes the installed line
 * unguessable. Without --socket the socket is /run/user/UID/security-hooks/hook.sock where /run/user/UID exists, else
 * .local/state/security-hooks/run/hook.sock (macOS: Library/Caches/security-hooks/hook.sock) below the home directory
 * that /etc/passwd names.
 *
 * The exchange:  request  "SH1 CLIENT\n", stdin as it came, end of file
 *                reply    "SH1 X OOOO EEEE\n", OOOO bytes for stdout, EEEE bytes for stderr, end of file
 * X is the exit status, 0 or 2. Both texts are one line of printable ASCII without its newline, at most 4,000 bytes;
 * stdout is JSON, stderr is not.
 *
 * Exit status:   what a whole, well-formed reply says; else the client is denied in the form that it honours
 *                (clients.c), with the reason and the command that mends it. With --observe every failure ends
 *                silently with 0.
 *
 * The shim MUST
 *   - deny unless a whole reply, from a daemon of this user or root, came within the deadline;
 *   - take nothing from the environment, start no process, and use no heap, locale, name service or loader;
 *   - write each stream at most once, stderr first: a client may take text on stdout for a verdict, so stdout must
 *     still be clean when stderr turns out to be broken. */
#include "shim.h"

#define HEADER "SH1 X OOOO EEEE\n"
#define HEADER_SIZE (sizeof HEADER - 1)
#define REPLY_MAX (HEADER_SIZE + 2 * TEXT_MAX)
#define JOIN(to, ...) join(to, sizeof to, (const char *[]){__VA_ARGS__, NULL})

static const struct client *client; /* who asks; null until the command line has named one that we know */
static struct sockaddr_un address;  /* sun_path is the socket's path, and what messages name */
static bool observe;                /* --observe: failures end silently with 0 */
static bool written[3];             /* the streams that hold some of our text */
static int64_t deadline;            /* in milliseconds of the monotonic clock; 0 until it is set */
static char buffer[1 << 16];        /* the request piece by piece, then the reply */

/* Returns whether two strings are equal. */
static bool equal(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

/* Strings the parts together in the `room` bytes at `to`; returns the length, or `room` where they had to be cut. */
static size_t join(char *to, size_t room, const char *parts[]) {
    size_t size = 0;
    for (; *parts; parts++)
        for (const char *c = *parts; *c && size < room; c++) to[size++] = *c;
    to[size < room ? size : room - 1] = 0;
    return size;
}

/* Returns the milliseconds until the deadline, 0 once it has passed. The first call sets it. */
static long time_left(void) {
    struct timespec t;
    if (CALL(clock_gettime, CLOCK_MONOTONIC, &t) < 0) return 0;
    int64_t now = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
    if (!deadline) deadline = now + DEADLINE_MS;
    return now < deadline ? (long)(deadline - now) : 0;
}

/* Waits until `fd` is ready for `events`; returns false if the deadline comes first. An error on `fd`
 * counts as ready, for the call that follows to report. */
static bool ready(int fd, short events) {
    struct pollfd wanted = {fd, events, 0};
    long count;
    do count = sys_poll(&wanted, time_left());
    while (count == -EINTR);
    return count > 0;
}

/* Writes a text to stdout or stderr in one write; returns whether all of it went out before the deadline. */
static bool say(int fd, const char *text, size_t size) {
    long count;
    if (!ready(fd, POLLOUT)) return false;
    do count = CALL(write, fd, text, size);
    while (count == -EINTR);
    if (count > 0) written[fd] = true;
    return count == (long)size;
}

/* Denies the call in the form that its client honours, with reason and remedy, and ends. */
static _Noreturn void fail(enum reason reason) {
    static char text[1024], json[1024];
    if (observe) sys_exit(0);
    char *path = address.sun_path;
    for (char *c = path; *c; c++)
        if (*c < ' ' || *c > '~' || *c == '"' || *c == '\\') *c = '?';
    size_t size = JOIN(text, "security-hooks: ", failures[reason].what, ", so this call is blocked; ",
                       failures[reason].mend, *path ? " (socket: " : "", path, *path ? ")" : "");
    size_t json_size = JOIN(json, client ? client->json : "", text, "\"}\n");
    text[size++] = '\n';

    if (!written[STDERR_FILENO]) say(STDERR_FILENO, text, size);
    if (!client || written[STDOUT_FILENO]) sys_exit(2);
    if (client->denial != ON_STDERR_ALONE) say(STDOUT_FILENO, json, json_size);
    else if (!written[STDERR_FILENO] && say(STDOUT_FILENO, json, json_size)) sys_exit(0);
    sys_exit(2);
}

/* Puts the home directory of `uid`, a decimal number, into `home`: field 6 of the first whole line in /etc/passwd
 * with this uid, as the daemon reads it. Fails where there is none. */
static void find_home(const char *uid, char *home, size_t room) {
    int file = (int)CALL(openat, AT_FDCWD, PASSWD, O_RDONLY | O_CLOEXEC), field = 0;
    const char *rest = uid; /* what field 3 has yet to show of `uid`; null once it has shown something else */
    size_t used = 0;
    for (long size = 1; size;) {
        if ((size = CALL(read, file, buffer, sizeof buffer)) == -EINTR) continue;
        if (size < 0) fail(NO_HOME);
        if (size == 0) *buffer = '\n'; /* which the last line may lack */
        for (const char *c = buffer; c < buffer + (size ? size : 1); c++) {
            if (*c == ':') field++;
            else if (*c != '\n' && field == 2) rest = rest && *rest && *rest == *c ? rest + 1 : NULL;
            else if (*c != '\n' && field == 5 && used < room - 1) home[used++] = *c;
            else if (*c == '\n' && field >= 6 && rest && !*rest) {
                home[used] = 0;
                CALL(close, file);
                if (*home != '/') fail(NO_HOME);
                return;
            } else if (*c == '\n') field = 0, used = 0, rest = uid;
        }
    }
    fail(NO_HOME);
}

/* Puts the path without --socket into the address; returns its length, the address's size where it is too long. */
static size_t find_socket(void) {
    char home[sizeof address.sun_path], digits[11] = {0}, *uid = digits + sizeof digits - 1;
    for (unsigned n = sys_euid(); n || !*uid; n /= 10) *--uid = (char)('0' + n % 10);
    JOIN(address.sun_path, RUNTIME_DIRS, uid);
    int directory = (int)CALL(openat, AT_FDCWD, address.sun_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0) {
        CALL(close, directory);
        return JOIN(address.sun_path, RUNTIME_DIRS, uid, RUNTIME_SOCKET);
    }
    *address.sun_path = 0;
    find_home(uid, home, sizeof home);
    return JOIN(address.sun_path, home, HOME_SOCKET);
}

/* Reads the command line. */
static void read_arguments(int argc, char **argv) {
    const char *path = NULL, *first = argc > 1 ? argv[1] : "";
    if (argc == 2 && equal(first, "--version")) sys_exit(say(STDOUT_FILENO, VERSION, sizeof VERSION - 1) ? 0 : 2);
    if (argc == 2 && equal(first, "--help")) sys_exit(say(STDOUT_FILENO, HELP, sizeof HELP - 1) ? 0 : 2);
    for (size_t i = 0; i < client_count; i++)
        if (equal(first, clients[i].name)) client = &clients[i];
    bool understood = client;
    for (int i = 2; i < argc; i++) {
        if (equal(argv[i], "--observe")) observe = true;
        else if (equal(argv[i], "--id") && i + 1 < argc) i++;
        else if (equal(argv[i], "--socket") && i + 1 < argc && *argv[i + 1] == '/') path = argv[++i];
        else understood = false;
    }
    if (!understood) fail(USAGE);
    address.sun_family = AF_UNIX;
    size_t size = path ? JOIN(address.sun_path, path) : find_socket();
    if (size == sizeof address.sun_path) fail(PATH_TOO_LONG);
}

/* Connects to the daemon and checks whose it is; returns the socket. */
static int reach_daemon(void) {
    int daemon = (int)CALL(socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (daemon < 0) fail(SYSTEM);
    if (daemon <= STDERR_FILENO) { /* else the answer would go to the daemon instead of the client */
        CALL(close, daemon);
        fail(STREAM_CLOSED);
    }
    long error;
    do { /* a full backlog makes connect wait, this long */
        long left = time_left();
        struct timeval limit = {left / 1000, (int)(left % 1000 * 1000) + 1};
        if (CALL(setsockopt, daemon, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) < 0) fail(SYSTEM);
        error = CALL(connect, daemon, (struct sockaddr *)&address, sizeof address);
    } while (error == -EINTR);
    if (error == -EAGAIN) fail(DAEMON_LATE);
    if (error == -EACCES || error == -EPERM) fail(NO_ACCESS);
    if (error < 0) fail(NO_DAEMON);
    int64_t owner = sys_peer_uid(daemon);
    if (owner != 0 && owner != sys_euid()) fail(WRONG_PEER);
    return daemon;
}

/* Sends the first `size` bytes of the buffer. */
static void send_piece(int daemon, size_t size) {
    for (size_t sent = 0; sent < size;) {
        long count = CALL(sendto, daemon, buffer + sent, size - sent, MSG_NOSIGNAL | MSG_DONTWAIT, NULL, 0);
        if (count > 0) sent += (size_t)count;
        else if (count == -EAGAIN && !ready(daemon, POLLOUT)) fail(DAEMON_LATE);
        else if (count != -EAGAIN && count != -EINTR) fail(NOT_READ);
    }
}

/* Sends the header and the whole of stdin, then the end of file. */
static void send_call(int daemon) {
    size_t filled = JOIN(buffer, "SH1 ", client->name, "\n");
    for (long total = 0, count = -1; count;) {
        if (!ready(STDIN_FILENO, POLLIN)) fail(STDIN_LATE);
        count = CALL(read, STDIN_FILENO, buffer + filled, sizeof buffer - filled);
        if (count == -EINTR || count == -EAGAIN) continue;
        if (count < 0) fail(STDIN_FAILED);
        if ((total += count) > STDIN_MAX) fail(STDIN_TOO_LARGE);
        send_piece(daemon, filled + (size_t)count);
        filled = 0;
    }
    if (CALL(shutdown, daemon, SHUT_WR) < 0) fail(NOT_READ);
}

/* Reads the reply to its end into the buffer; returns its size. */
static size_t receive_reply(int daemon) {
    size_t size = 0;
    while (size <= REPLY_MAX) {
        if (!ready(daemon, POLLIN)) fail(DAEMON_LATE);
        long count = CALL(read, daemon, buffer + size, REPLY_MAX + 1 - size);
        if (count == 0) return size;
        if (count > 0) size += (size_t)count;
        else if (count != -EINTR && count != -EAGAIN) fail(NO_REPLY);
    }
    fail(BAD_REPLY);
}

/* Checks that the reply is whole and well-formed, hands it to the client and ends as it says. */
static _Noreturn void relay(size_t size) {
    size_t out = 0, err = 0;
    if (size < HEADER_SIZE) fail(size ? BAD_REPLY : NO_REPLY);
    for (size_t i = 0; i < HEADER_SIZE; i++) {
        char c = buffer[i], form = HEADER[i];
        if (form == 'O' || form == 'E') {
            size_t *number = form == 'O' ? &out : &err;
            if (c < '0' || c > '9') fail(BAD_REPLY);
            *number = *number * 10 + (size_t)(c - '0');
        } else if (form == 'X' ? c != '0' && c != '2' : c != form) fail(BAD_REPLY);
    }
    if (out > TEXT_MAX || err > TEXT_MAX || size != HEADER_SIZE + out + err) fail(BAD_REPLY);

    char *json = buffer + HEADER_SIZE, *text = json + out, *end = text + err, *word = text;
    for (const char *c = json; c < end; c++)
        if (*c < ' ' || *c > '~') fail(BAD_REPLY);
    if (out && (*json != '{' || text[-1] != '}')) fail(BAD_REPLY);
    while (word < end && *word == ' ') word++;
    if (err && (word == end || *word == '{' || *word == '[' || *word == '"')) fail(BAD_REPLY);
    bool denied = client->denial == ON_EITHER ? out || err : client->denial == ON_STDOUT ? out : err && !out;
    if (buffer[4] == '2' && !denied) fail(BAD_REPLY);

    *end = '\n';
    if (err && !say(STDERR_FILENO, text, err + 1)) fail(NOT_WRITTEN);
    *text = '\n'; /* ends stdout's line, now that stderr's has gone out */
    if (out && !say(STDOUT_FILENO, json, out + 1)) fail(NOT_WRITTEN);
    sys_exit(buffer[4] - '0');
}

int main(int argc, char **argv) {
    sys_ignore_sigpipe();
    if (!time_left()) fail(SYSTEM);
    read_arguments(argc, argv);
    int daemon = reach_daemon();
    send_call(daemon);
    relay(receive_reply(daemon));
}

ENTRY
