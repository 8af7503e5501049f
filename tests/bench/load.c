/* Calls one daemon from several connections at once, each process one call after the other.
 * usage: load SOCKET REQUEST_FILE PROCESSES CALLS_EACH
 * Prints the seconds from the first call to the last answer. Exits with 1 if any call gets no whole allow. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char request[60000];

static int call(const struct sockaddr_un *address, size_t size) {
    char answer[8192];
    ssize_t got, whole = 0;
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(s, (const struct sockaddr *)address, sizeof *address)) return 1;
    if (send(s, request, size, MSG_NOSIGNAL) != (ssize_t)size || shutdown(s, SHUT_WR)) return 1;
    while ((got = read(s, answer + whole, sizeof answer - (size_t)whole)) > 0) whole += got;
    close(s);
    return whole < 16 || memcmp(answer, "SH1 0 ", 6) != 0;
}

int main(int argc, char **argv) {
    if (argc != 5) return 64;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
    FILE *file = fopen(argv[2], "r");
    if (!file) return 64;
    size_t size = fread(request, 1, sizeof request, file);
    int processes = atoi(argv[3]), calls = atoi(argv[4]), failed = 0, status;
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (int i = 0; i < processes; i++)
        if (fork() == 0) {
            for (int j = 0; j < calls; j++)
                if (call(&address, size)) _exit(1);
            _exit(0);
        }
    while (wait(&status) > 0) failed |= status;
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.6f\n", (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9);
    return failed ? 1 : 0;
}
