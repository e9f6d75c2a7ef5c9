/* The besieger: connections that want something else than a page, many at once, driven by one
 * thread; and a family that wants a page meanwhile and measures how long it takes. Every command
 * says what happened in one line of JSON on standard output. OpenSSL is only used by this client.
 */
#ifndef SIEGE_H
#define SIEGE_H

#include "client.h" /* of tests/load: now_us, samples, link_context, fail */
#include <netinet/in.h>

struct siege {
    int port;           /* on 127.0.0.1 */
    const char *kind;   /* what the connections do: a name in one of the tables */
    const char *from;   /* the first client address, of 127.0.0.0/8 */
    int addresses;      /* how many addresses, the first and those after it */
    int connections;    /* at once */
    double seconds;     /* how long */
    double rate;        /* family: pages a second, each way of asking */
    const char *method; /* what floods and slow readers ask for; a '#' in path or body stands for
                           a number that never repeats */
    const char *path, *cookie, *body;
};

/* The commands; each answers the exit status. */
int crowd_run(const struct siege *siege);
int flood_run(const struct siege *siege);
int family_run(const struct siege *siege);

/* The n-th client address. */
struct sockaddr_in siege_address(const struct siege *siege, size_t n);

/* A ClientHello as this client sends it; the same bytes may be sent again and again. */
size_t siege_hello(SSL_CTX *context, unsigned char *bytes, size_t size);

/* Writes the request into `out` with `number` in place of '#'; answers its length. */
size_t siege_request(const struct siege *siege, char *out, size_t size, long number);

/* ---- one connection that never blocks (wire.c) ---- */

enum wire_state { WIRE_CLOSED, WIRE_CONNECTING, WIRE_SHAKING, WIRE_OPEN };

struct wire {
    int fd;
    SSL *ssl;
    enum wire_state state;
    size_t number;
    double closed_us; /* when it closed */
    int step;         /* the kind's own */
    size_t left;      /* bytes of the response's body still to come */
    size_t head_len;  /* bytes of its head so far */
    bool in_body;
    char head[2048];
};

enum wire_event {
    WIRE_WAITS,    /* nothing to tell yet */
    WIRE_OPENED,   /* connected, and the handshake done where there is one */
    WIRE_ANSWERED, /* a whole response came */
    WIRE_BROKE,    /* the peer is gone */
};

/* Begins to connect. False: the system gives no socket. `window`: bytes of the receive buffer, 0:
 * the system's choice. */
bool wire_open(struct wire *wire, const struct siege *siege, int window);

/* Goes on with what is open. `context` NULL: no TLS. */
enum wire_event wire_connect(struct wire *wire, SSL_CTX *context);

/* False when the peer is gone. What the socket has no room for is left out. */
bool wire_send(struct wire *wire, const void *bytes, size_t count);

/* Reads what is there. */
enum wire_event wire_receive(struct wire *wire);
int wire_status(const struct wire *wire); /* of the response that came last */

/* At once and without a word: no socket of ours waits for the last packets. */
void wire_close(struct wire *wire);

/* ---- many of them (storm.c) ---- */

struct storm;

struct kind {
    const char *name;
    bool tls;       /* the handshake comes first */
    int window;     /* see wire_open */
    double back_us; /* closed by the server: comes back after so long */
    bool deaf;      /* reads nothing */
    void (*opened)(struct storm *storm, struct wire *wire);
    void (*spoke)(struct storm *storm, struct wire *wire); /* bytes came before TLS; may be NULL */
    void (*answered)(struct storm *storm, struct wire *wire); /* a response came; may be NULL */
    void (*second)(struct storm *storm, struct wire *wire);   /* once a second; may be NULL */
};

struct storm {
    const struct siege *siege;
    const struct kind *kind;
    SSL_CTX *context;
    struct wire *wires;
    int poller;
    long number; /* of the next '#' */
    unsigned char hello[2048];
    size_t hello_len;
    /* What happened. */
    long opened, broken, refused, done;
    long statuses[6]; /* answers by hundreds */
    long open, most;  /* now, and at most at once */
};

/* Runs the kind named in `siege` of a table, and prints what happened. */
int storm_run(const struct siege *siege, const struct kind *kinds, size_t count);

/* Ends a connection and begins another in its place. */
void storm_again(struct storm *storm, struct wire *wire);

#endif
