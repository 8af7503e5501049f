/* One call of a daemon, as those who measure it make it. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static char request[60000];

/* The request in a file, for `call`; gives its size, 0 where there is none. */
static size_t read_request(const char *path) {
    FILE *file = fopen(path, "r");
    size_t size = file ? fread(request, 1, sizeof request, file) : 0;
    if (file) fclose(file);
    return size;
}

/* Send the request, read the answer to its end; 0 if it is a whole allow. */
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
