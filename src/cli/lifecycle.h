/* The life of a running server: what it is told by signals, and in which order it ends. SIGTERM and
 * SIGINT drain it (`taller drain` sends one, a second SIGINT cuts the wait short); SIGHUP looks at
 * the certificate files and at the log level again. What it is and does is told to the service
 * manager (cli/notify.h). One thread, the main one, lives here. */
#ifndef CLI_LIFECYCLE_H
#define CLI_LIFECYCLE_H

#include "cli/notify.h"
#include "cli/option.h"
#include <signal.h>

struct server;
struct site;

struct lifecycle {
    const struct options *options;
    struct notify notify;
    sigset_t signals;
};

/* Sets up the log as the options say and takes the signals; before any thread is started, as all
 * threads inherit what is blocked here. */
void lifecycle_begin(struct lifecycle *life, const struct options *options);

/* Serves until the server is told to end and has drained; its listeners are closed then, and what
 * is left is server_stop's. `ops`, that of the machines, goes on as it was; NULL: there is none. */
void lifecycle_serve(struct lifecycle *life, struct site *site, struct server *server,
                     struct server *ops);

#endif
