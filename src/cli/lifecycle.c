/* Waits for signals, shows signs of life, drains. */
#include "cli/lifecycle.h"
#include "base/clock.h"
#include "base/log.h"
#include "http/server.h"
#include "site/certificate.h"
#include "site/site.h"
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    STEP_MS = 20, /* between two looks while draining */
    ANSWER_MS = 2000,
    TRY_AGAIN_US = 1000 * 1000, /* after the server did not answer itself */
};

static void set_up_log(const struct options *options) {
    static const char *const LEVELS[] = {"error", "warn", "info", "debug"};
    enum log_level level = LOG_INFO;
    for (size_t i = 0; i < ARRAY_COUNT(LEVELS); i++)
        if (strcmp(options->value[OPTION_LOG_LEVEL], LEVELS[i]) == 0)
            level = (enum log_level)i;
    const char *format = options->value[OPTION_LOG_FORMAT];
    bool text = *format ? strcmp(format, "text") == 0 : isatty(STDERR_FILENO) != 0;
    log_setup(level, text ? LOG_TEXT : LOG_JSON);
}

void lifecycle_begin(struct lifecycle *life, const struct options *options) {
    life->options = options;
    set_up_log(options);
    sigemptyset(&life->signals);
    sigaddset(&life->signals, SIGTERM);
    sigaddset(&life->signals, SIGINT);
    sigaddset(&life->signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &life->signals, NULL);
    notify_begin(&life->notify);
}

/* ---- while it serves ------------------------------------------------------------------------- */

/* taller.conf is read again for the log alone: the rest is in use, and changes with a restart. */
static void reload_log(const struct options *options) {
    struct arena *arena = arena_create();
    struct options again = *options;
    char error[512];
    if (option_reload(&again, arena, error, sizeof(error)) == OK) {
        set_up_log(&again);
        log_info("reload", "log_level", "%s", again.value[OPTION_LOG_LEVEL]);
    } else {
        log_warn("reload_refused", "error", "%s", error);
    }
    arena_destroy(arena);
}

static void reload(struct lifecycle *life, struct site *site, struct server *server) {
    notify_send(&life->notify, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)clock_monotonic_us());
    reload_log(life->options);
    server_reload_certificate(server);
    if (site->certificate)
        certificate_wake(site->certificate);
    notify_send(&life->notify, "READY=1");
}

/* Answers how long to wait for the next one, 0: for ever. A server that does not answer sends
 * nothing: the manager restarts it when that lasts. */
static int64_t show_life(struct lifecycle *life, struct server *server, struct server *ops) {
    if (life->notify.watchdog_us == 0)
        return 0;
    int64_t half = life->notify.watchdog_us / 2;
    if (!server_moves(server) || !server_answers(ops ? ops : server, ANSWER_MS)) {
        log_warn("watchdog_no_answer", NULL, NULL);
        return half < TRY_AGAIN_US ? half : TRY_AGAIN_US;
    }
    notify_send(&life->notify, "WATCHDOG=1");
    return half;
}

/* The signal that came, or 0 when `wait_us` (0: no limit) are over. */
static int await_signal(const struct lifecycle *life, int64_t wait_us) {
    struct timespec wait = {.tv_sec = wait_us / 1000000, .tv_nsec = wait_us % 1000000 * 1000};
    int got;
    do {
        got = wait_us > 0 ? sigtimedwait(&life->signals, NULL, &wait)
                          : sigwaitinfo(&life->signals, NULL);
    } while (got < 0 && errno == EINTR);
    return got > 0 ? got : 0;
}

/* ---- how it ends ----------------------------------------------------------------------------- */

/* False when the time is over, or somebody at the terminal does not want to wait. */
static bool await_idle(struct lifecycle *life, struct server *server) {
    static const struct timespec NO_TIME = {0};
    int64_t until =
        clock_monotonic_us() + INT64_C(1000000) * option_int(life->options, OPTION_DRAIN_SECONDS);
    while (!server_wait_idle(server, STEP_MS)) {
        if (clock_monotonic_us() >= until)
            return false;
        if (sigtimedwait(&life->signals, NULL, &NO_TIME) == SIGINT)
            return false;
    }
    return true;
}

/* Not ready first, so that whoever distributes visitors sends no more; then no new requests; then
 * the last of those at work. The listeners' own stop would cut responses in flight. */
static void drain(struct lifecycle *life, struct site *site, struct server *server) {
    log_info("draining", NULL, NULL);
    notify_send(&life->notify, "STOPPING=1\nSTATUS=Draining: the last requests are finished");
    atomic_store(&site->draining, true);
    server_drain(server);
    if (await_idle(life, server))
        server_close(server);
    else
        log_warn("drain_deadline", NULL, NULL);
}

void lifecycle_serve(struct lifecycle *life, struct site *site, struct server *server,
                     struct server *ops) {
    notify_send(&life->notify, "READY=1\nMAINPID=%d\nSTATUS=Serving %s", (int)getpid(),
                site->shop.base_url);
    for (;;) {
        int got = await_signal(life, show_life(life, server, ops));
        if (got == SIGHUP)
            reload(life, site, server);
        else if (got != 0)
            break;
    }
    drain(life, site, server);
}
