/* What our mod_mbedtls.inl, which civetweb.c includes, calls in server.c. Nothing else does.
 * `server` and `worker` are the pointers server.c gave to civetweb. */
#ifndef HTTP_HOOKS_H
#define HTTP_HOOKS_H

struct channel;

/* A listening socket, in the order of the listening_ports option: takes the place of listen(2). */
int hooks_listen(void *server, int fd, int backlog);

/* Takes the place of accept(2). */
int hooks_accept(void *server, int listener);

/* An accepted socket reached a worker; NULL: close it. */
struct channel *hooks_open(void *worker, int fd);

/* Waits for the next request, and writes the short head civetweb is to see instead of the real one
 * into `bytes`; answers its length. */
int hooks_read(struct channel *channel, char *bytes, int size);

void hooks_close(struct channel *channel);

#endif
