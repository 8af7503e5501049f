/* Calls one daemon again and again, with a pause before each call, as people's agents do.
 * usage: pace SOCKET REQUEST_FILE CALLS PAUSE_MICROSECONDS
 * Prints for each call the nanoseconds from connecting to the end of the answer. Exits with 1 if any gets no allow. */
#include "call.h"

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(int argc, char **argv) {
    if (argc != 5) return 64;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
    size_t size = read_request(argv[2]);
    if (!size) return 64;
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
