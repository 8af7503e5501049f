/* Calls one daemon from several connections at once, each process one call after the other.
 * usage: load SOCKET REQUEST_FILE PROCESSES CALLS_EACH
 * Prints the seconds from the first call to the last answer. Exits with 1 if any call gets no whole allow. */
#include "call.h"
#include <sys/wait.h>

int main(int argc, char **argv) {
    if (argc != 5) return 64;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
    size_t size = read_request(argv[2]);
    if (!size) return 64;
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
