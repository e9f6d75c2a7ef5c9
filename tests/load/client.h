/* The load client: keep-alive connections over TLS, driven by one thread. What it sends is decided
 * by a plan (get.c, purchase.c); how long that took, and what CPU time the server's processes used
 * meanwhile, is measured here. OpenSSL is only used by this client, never by the program. */
#ifndef LOAD_CLIENT_H
#define LOAD_CLIENT_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REQUEST_MAX = 4096, RESPONSE_MAX = 128 * 1024, PIDS_MAX = 16 };

struct options {
    int port;           /* on 127.0.0.1 */
    const char *host;   /* what the Host header says */
    const char *path;   /* get: the target, '#' stands for a number that never repeats */
    const char *cookie; /* get: sent as it is, or NULL */
    const char *users;  /* purchase: the file that lists them */
    int connections;    /* clients at once */
    int requests;       /* get: how many, 0: as long as `seconds` */
    int first, count;   /* purchase, handshake: number of the first one, how many each */
    double seconds;     /* get, hold */
    double rate; /* get: requests a second, evenly spaced, whatever the answers do; 0: as fast as
                    they come */
    int tls;     /* handshake: 12 or 13 */
    bool resume; /* handshake */
    int pids[PIDS_MAX]; /* the server's processes */
    int pid_count;
    char **command; /* start: the server's command line */
};

/* The commands. Each prints one line of JSON on standard output, and answers the exit status. */
int get_run(const struct options *options);
int purchase_run(const struct options *options);
int handshake_run(const struct options *options);
int hold_run(const struct options *options);
int start_run(const struct options *options);

/* Prints one sentence on standard error and ends with status 1. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- time (measure.c) ---- */

double now_us(void);                          /* monotonic */
double cpu_us(const struct options *options); /* used by the server's processes so far */

/* Durations, to be asked for percentiles. Grows as it must. */
struct samples {
    double *us;
    size_t count, cap;
};
void samples_add(struct samples *samples, double us);
/* The discrete rank ⌈q·n⌉, in µs; 0 when there are none. Sorts. */
double samples_quantile(struct samples *samples, double q);

/* ---- one connection (link.c) ---- */

struct link {
    int fd;
    SSL *ssl;
    size_t request_len;
    size_t got;                /* bytes of the response so far */
    size_t head_len, length;   /* of the response; 0 until the head is whole */
    char request[REQUEST_MAX]; /* NUL-terminated text */
    char response[RESPONSE_MAX];
};

struct response {
    int status;
    const char *head; /* NUL-terminated */
    const char *body; /* `length` bytes, NUL-terminated */
    size_t length;
};

enum link_state { LINK_WAITING, LINK_ANSWERED, LINK_BROKEN };

/* A context for TLS 1.2 or 1.3 alone (12, 13), X25519 and AES-256-GCM: what both servers can do.
 * (P-256 is offered for the certificate in TLS 1.2.) */
SSL_CTX *link_context(int tls);

/* A blocking connection to the port, the handshake done. NULL when that failed. `session` is
 * resumed when it is not NULL. */
SSL *link_connect(SSL_CTX *context, int port, SSL_SESSION *session);
void link_disconnect(SSL *ssl);

/* Opens the link for requests that do not block. */
bool link_open(struct link *link, SSL_CTX *context, int port);
void link_close(struct link *link);

/* Sends link->request. False when the connection is broken. */
bool link_send(struct link *link);

/* Reads what is there. */
enum link_state link_receive(struct link *link, struct response *response);

/* The value of a header in a response's head, up to `stop` characters' first; copied. False when it
 * is not there. */
bool head_value(const char *head, const char *name, const char *stop, char *value, size_t size);

/* ---- many connections (loop.c) ---- */

struct user {
    struct link link;
    size_t number;
    double sent_us,
        began_us;  /* of the request, or when it was due; of the unit, kept by the plan */
    double due_us; /* of the next request, at a rate */
    bool idle;     /* waits for it */
    void *own;     /* the plan's */
};

struct traffic;

struct plan {
    /* Writes the next request to user->link.request. False: this user has finished. */
    bool (*compose)(struct traffic *traffic, struct user *user);
    /* Takes the answer; adds to traffic->samples what it wants measured. */
    void (*answer)(struct traffic *traffic, struct user *user, const struct response *response);
};

struct traffic {
    const struct options *options;
    const struct plan *plan;
    void *own; /* the plan's */
    struct user *users;
    size_t busy;     /* users that have not finished */
    double until_us; /* 0: until all users have finished */
    bool measuring;
    /* What came out. */
    struct samples samples;
    long failed;
    double seconds, cpu_us;
};

/* Connects options->connections users; fails when the server cannot be reached. */
void traffic_open(struct traffic *traffic, const struct options *options, const struct plan *plan);

/* Lets every user send one request after the other, for so long or until all have finished. */
void traffic_run(struct traffic *traffic, double seconds);

void traffic_close(struct traffic *traffic);

/* `"seconds": …, "cpu_us": …, …`: what all plans print of it. */
void traffic_print(struct traffic *traffic);

#endif
