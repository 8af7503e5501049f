/* clients.c - the shim's data: how each client is denied without a daemon, and what is said about each failure.
 *
 * What each client takes for a denial was found by trying:
 *   claude-code  exit status 2 holds whatever the streams carry. The JSON form fits every event (tool, prompt,
 *                configuration change), and with it the agent reads the reason instead of our command line.
 *   gemini-cli   a JSON denial at any status, or text at status 2. Status 2 in silence, with `{}` on stdout, or with a
 *                JSON value alone on stderr runs the tool, so a daemon's status 2 must come with JSON.
 *   codex-cli    status 2 with text on stderr. Where stderr is gone, JSON on stdout with status 0 is what is left. */
#include "shim.h"

const struct client clients[] = {
    {"claude-code", "{\"decision\":\"block\",\"reason\":\"", ON_EITHER},
    {"gemini-cli", "{\"decision\":\"deny\",\"reason\":\"", ON_STDOUT},
    {"codex-cli", "{\"decision\":\"block\",\"reason\":\"", ON_STDERR_ALONE},
};
const size_t client_count = sizeof clients / sizeof *clients;

#define DOCTOR "run `security-hooks doctor`"

const struct failure failures[REASONS] = {
    [USAGE] = {"the hook line is not one that the shim knows", DOCTOR},
    [NO_HOME] = {"/etc/passwd names no home directory in which this user's daemon would have its socket", DOCTOR},
    [PATH_TOO_LONG] = {"the path of the daemon's socket is too long", "install again with a shorter one, or " DOCTOR},
    [STREAM_CLOSED] = {"the client started the hook with stdin, stdout or stderr closed", DOCTOR},
    [SYSTEM] = {"a system call failed, perhaps for want of memory or open files", "try again, or " DOCTOR},
    [NO_DAEMON] = {"the daemon does not answer", "start it with `security-hooks start` or " DOCTOR},
    [NO_ACCESS] = {"this user may not open the daemon's socket", DOCTOR},
    [WRONG_PEER] = {"what listens on the daemon's socket belongs to another user", DOCTOR},
    [STDIN_LATE] = {"the client did not hand over the whole call in time", "try again, or " DOCTOR},
    [STDIN_FAILED] = {"the call could not be read from stdin", "try again, or " DOCTOR},
    [STDIN_TOO_LARGE] = {"the call is larger than 64 MiB", "split it into smaller calls"},
    [NOT_READ] = {"the daemon hung up before it had read the whole call",
                  "split it if it is large, or see `security-hooks audit tail`"},
    [DAEMON_LATE] = {"the daemon did not answer in time", "try again, or see `security-hooks status`"},
    [NO_REPLY] = {"the daemon hung up without an answer", "try again, or see `security-hooks audit tail`"},
    [BAD_REPLY] = {"the daemon's answer is not whole, or of another version", DOCTOR},
    [NOT_WRITTEN] = {"the daemon's answer could not be written to stdout or stderr", DOCTOR},
};
