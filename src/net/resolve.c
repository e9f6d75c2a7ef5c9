/* getaddrinfo(3) knows no deadline, and a dead name server holds it for half a minute and more. So
 * it runs in a thread of its own, which is left alone with its question when nobody can wait any
 * longer. */
#include "net/resolve.h"
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct lookup {
    atomic_int holders; /* who asked, and the thread: the last one to go tidies up */
    int done_fd;        /* readable when the answer is there */
    char host[256], service[8];
    int failed; /* of getaddrinfo */
    struct addrinfo *list;
};

static void let_go(struct lookup *lookup) {
    if (atomic_fetch_sub(&lookup->holders, 1) > 1)
        return;
    if (lookup->list)
        freeaddrinfo(lookup->list);
    if (lookup->done_fd >= 0)
        close(lookup->done_fd);
    free(lookup);
}

static void *look_up(void *arg) {
    struct lookup *lookup = arg;
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    lookup->failed = getaddrinfo(lookup->host, lookup->service, &hints, &lookup->list);
    eventfd_write(lookup->done_fd, 1);
    let_go(lookup);
    return NULL;
}

static struct lookup *lookup_start(const char *host, int port) {
    struct lookup *lookup = calloc(1, sizeof(*lookup));
    if (!lookup)
        return NULL;
    snprintf(lookup->host, sizeof(lookup->host), "%s", host);
    snprintf(lookup->service, sizeof(lookup->service), "%d", port);
    lookup->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    lookup->holders = 2;
    pthread_t thread;
    if (lookup->done_fd >= 0 && pthread_create(&thread, NULL, look_up, lookup) == 0) {
        pthread_detach(thread);
        return lookup;
    }
    lookup->holders = 1;
    let_go(lookup);
    return NULL;
}

enum err resolve_host(const char *host, int port, struct deadline *deadline, struct addrinfo **list,
                      char *error, size_t error_size) {
    *list = NULL;
    struct lookup *lookup = lookup_start(host, port);
    if (!lookup) {
        snprintf(error, error_size, "%s cannot be looked up: no thread for it", host);
        return ERR_BUSY;
    }
    eventfd_t answers;
    enum err err = OK;
    if (!deadline_wait(deadline, lookup->done_fd, POLLIN) ||
        eventfd_read(lookup->done_fd, &answers) != 0) {
        snprintf(error, error_size, "%s is not found: no name server answers", host);
        err = ERR_BUSY;
    } else if (lookup->failed) {
        snprintf(error, error_size, "%s is not found: %s", host, gai_strerror(lookup->failed));
        err = lookup->failed == EAI_AGAIN ? ERR_BUSY : ERR_NOT_FOUND;
    } else {
        *list = lookup->list;
        lookup->list = NULL;
    }
    let_go(lookup);
    return err;
}
