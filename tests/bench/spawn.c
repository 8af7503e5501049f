/* Times two programs from spawn to end, in turns, as a client runs a hook: payload on a pipe, answer read to its end.
 * usage: spawn RUNS PAYLOAD_FILE PROGRAM_A [ARGS..] -- PROGRAM_B [ARGS..]
 * Prints one line per run: nanoseconds of A, nanoseconds of B. Exits with 1 if A or B ever fails.
 * Posix_spawn costs the same for both, and this program's own work between the two clock readings is one write. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char payload[60000];

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static long long run(char **argv, size_t size) {
    int in[2], out[2], status;
    char answer[8192];
    pid_t child;
    posix_spawn_file_actions_t actions;
    char *environment[] = {NULL};
    if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC)) exit(70);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    long long start = now();
    if (posix_spawn(&child, argv[0], &actions, NULL, argv, environment)) exit(70);
    close(in[0]);
    close(out[1]);
    if (write(in[1], payload, size) != (ssize_t)size && strcmp(argv[0], "/bin/true")) exit(70);
    close(in[1]);
    while (read(out[0], answer, sizeof answer) > 0) {}
    waitpid(child, &status, 0);
    long long end = now();
    close(out[0]);
    posix_spawn_file_actions_destroy(&actions);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) exit(1);
    return end - start;
}

int main(int argc, char **argv) {
    char **second = NULL;
    if (argc < 5) return 64;
    for (int i = 4; i < argc; i++)
        if (!second && !strcmp(argv[i], "--")) {
            argv[i] = NULL;
            second = &argv[i + 1];
        }
    FILE *file = fopen(argv[2], "r");
    if (!file || !second) return 64;
    size_t size = fread(payload, 1, sizeof payload, file);
    /* A program that ends without reading its input must not end us. */
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    for (int i = atoi(argv[1]); i > 0; i--) {
        long long a = run(&argv[3], size);
        long long b = run(second, size);
        printf("%lld %lld\n", a, b);
    }
    return 0;
}
