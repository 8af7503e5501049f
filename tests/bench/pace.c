/* Calls one daemon again and again, with a pause before each call, as people's agents do.
 * usage: pace SOCKET REQUEST_FILE CALLS PAUSE_MICROSECONDS
 * Prints for each call the nanoseconds from connecting to the end of the answer. Exits with 1 if any gets no allow. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static char request[60000];

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

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
    long calls = atol(argv[3]), pause = atol(argv[4]);
    long long *took = calloc((size_t)calls, sizeof *took);
    if (!took) return 70;
    for (long i = 0; i < calls; i++) {
        struct timespec rest = {.tv_sec = pause / 1000000, .tv_nsec = pause % 1000000 * 1000};
        nanosleep(&rest, NULL);
        long long begun = now();
        if (call(&address, size)) return 1;
        took[i] = now() - begun;
    }
    for (long i = 0; i < calls; i++) printf("%lld\n", took[i]);
    return 0;
}
