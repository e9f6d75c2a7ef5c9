/* A service manager's ear: binds the unix datagram socket named by its argument ("@name": an
 * abstract one) and prints each state it is sent as one line, the pairs of it separated by tabs.
 * The first line says that it listens. Ends by a signal, or after two minutes without a word. */
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { STATE_BYTES = 4096, PATIENCE_MS = 120 * 1000 };

static int bind_to(const char *name) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(name);
    if (length < 2 || length >= sizeof(address.sun_path))
        return -1;
    memcpy(address.sun_path, name, length);
    if (name[0] == '@')
        address.sun_path[0] = '\0';
    else
        unlink(name);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    return fd >= 0 && bind(fd, (struct sockaddr *)&address, size) == 0 ? fd : -1;
}

int main(int argc, char **argv) {
    int fd = argc == 2 ? bind_to(argv[1]) : -1;
    if (fd < 0) {
        fprintf(stderr, "usage: notify_listen PATH|@NAME, which must be free\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    puts("LISTENING=1");
    char state[STATE_BYTES + 1];
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    while (poll(&waiting, 1, PATIENCE_MS) > 0) {
        ssize_t length = recv(fd, state, STATE_BYTES, 0);
        if (length < 0)
            return 1;
        state[length] = '\0';
        for (char *p = state; *p; p++)
            if (*p == '\n')
                *p = '\t';
        puts(state);
    }
    return 0;
}
