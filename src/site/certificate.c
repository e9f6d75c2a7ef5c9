/* The thread that keeps a certificate fresh. */
#include "site/certificate.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/domain.h"
#include "base/log.h"
#include "base/secret.h"
#include "http/challenge.h"
#include "http/server.h"
#include "net/deadline.h"
#include "site/certificate_folder.h"
#include "site/certificate_plan.h"
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    STEP_MS = 60 * 1000,   /* the clock may jump: it is looked at again */
    CLOCK_CHECK = 60 * 60, /* s; how soon after a clock was found to be wrong */
    CHANCES = 65536,
    VALID_SOON = 5 * 60, /* s; a certificate may begin that much later than now */
};

struct certificate {
    struct certificate_options options;
    struct server *server;
    struct arena *arena; /* the names */
    const char **names;
    size_t name_count;
    int stop_fd, wake_fd;
    pthread_t thread;

    /* The thread's own. */
    struct certificate_state state;
    struct chain chain;
    enum err loaded;      /* how reading `chain` went */
    int64_t clock_offset; /* s; added to our clock it gives the authority's, when they differ */
    int64_t look_at;      /* our clock; 0: as the plan says */
    uint32_t chance;

    pthread_mutex_t lock; /* for the status */
    struct certificate_status status;
};

/* The authority's time, as far as it is known. */
static int64_t true_now(const struct certificate *certificate) {
    return clock_now() + certificate->clock_offset;
}

/* ---- the status -------------------------------------------------------------------------------
 */

static void describe(const struct certificate_state *state, const struct chain *chain, bool there,
                     struct certificate_status *status) {
    *status = (struct certificate_status){.there = there,
                                          .not_before = chain->not_before,
                                          .not_after = chain->not_after,
                                          .next_try = state->next_try,
                                          .failures = state->failures,
                                          .limited = state->limited};
    memcpy(status->issuer, chain->issuer, sizeof(status->issuer));
    memcpy(status->error, state->error, sizeof(status->error));
}

static void publish(struct certificate *certificate, int64_t next) {
    pthread_mutex_lock(&certificate->lock);
    describe(&certificate->state, &certificate->chain, certificate->loaded == OK,
             &certificate->status);
    certificate->status.next_try = next;
    certificate->status.clock_ahead = -certificate->clock_offset;
    pthread_mutex_unlock(&certificate->lock);
}

void certificate_status(struct certificate *certificate, struct certificate_status *status) {
    pthread_mutex_lock(&certificate->lock);
    *status = certificate->status;
    pthread_mutex_unlock(&certificate->lock);
}

void certificate_read(const char *dir, struct certificate_status *status) {
    struct certificate_state *state = malloc(sizeof(*state));
    struct chain *chain = malloc(sizeof(*chain));
    *status = (struct certificate_status){0};
    if (state && chain) {
        certificate_state_load(state, dir);
        enum err err = certificate_load(chain, dir);
        describe(state, chain, err == OK, status);
        if (!err && !state->next_try)
            status->next_try = certificate_renewal(chain->not_before, chain->not_after, 0);
    }
    free(state);
    free(chain);
}

/* ---- what is to be done -----------------------------------------------------------------------
 */

static void save_state(const struct certificate *certificate) {
    if (certificate_state_save(&certificate->state, certificate->options.dir) != OK)
        log_warn("certificate_state_unsaved", "folder", "%s", certificate->options.dir);
}

/* What was remembered of another authority or of other names does not count. */
static void load(struct certificate *certificate) {
    struct certificate_state *state = &certificate->state;
    const struct certificate_options *options = &certificate->options;
    certificate_state_load(state, options->dir);
    if (strcmp(state->directory, options->directory) != 0 ||
        strcmp(state->names, options->names) != 0) {
        char issued_by[ACME_URL_SIZE];
        memcpy(issued_by, state->issued_by, sizeof(issued_by));
        *state = (struct certificate_state){0};
        memcpy(state->issued_by, issued_by, sizeof(issued_by));
        snprintf(state->directory, sizeof(state->directory), "%s", options->directory);
        snprintf(state->names, sizeof(state->names), "%s", options->names);
    }
    if (!state->limited)
        state->next_try = 0; /* a start is a reason to try */
    certificate->loaded = certificate_load(&certificate->chain, options->dir);
}

/* There is a certificate, of this authority, for all names: only its age counts. */
static bool fits(const struct certificate *certificate) {
    return certificate->loaded == OK &&
           strcmp(certificate->state.issued_by, certificate->options.directory) == 0 &&
           chain_covers(&certificate->chain, certificate->names, certificate->name_count);
}

/* When to ask the authority next, by our clock. */
static int64_t due(const struct certificate *certificate) {
    const struct certificate_state *state = &certificate->state;
    const struct chain *chain = &certificate->chain;
    int64_t when = state->tried_at ? state->tried_at + CERTIFICATE_GAP : 0;
    if (when > clock_now() + CERTIFICATE_GAP)
        when = 0; /* the clock was set back since */
    if (fits(certificate)) {
        int64_t renewal =
            certificate_renewal(chain->not_before, chain->not_after, certificate->chance) -
            certificate->clock_offset;
        when = renewal > when ? renewal : when;
    }
    if (state->next_try > when)
        when = state->next_try;
    return certificate->look_at > when ? certificate->look_at : when;
}

static void measure_clock(struct certificate *certificate, int64_t theirs) {
    int64_t offset = theirs ? theirs - clock_now() : 0;
    bool wrong = offset > CERTIFICATE_CLOCK_SLACK || offset < -CERTIFICATE_CLOCK_SLACK;
    certificate->clock_offset = wrong ? offset : 0;
    if (wrong)
        log_warn("clock_wrong", "reason",
                 "this machine's clock is %lld s %s that of the certificate authority; set it "
                 "right (NTP)",
                 (long long)(offset < 0 ? -offset : offset), offset < 0 ? "ahead of" : "behind");
}

/* ---- a try ------------------------------------------------------------------------------------
 */

static bool present(void *ctx, const struct acme_challenge *challenge) {
    const struct certificate *certificate = ctx;
    struct challenges *challenges = server_challenges(certificate->server);
    switch (challenge->kind) {
    case ACME_HTTP_01:
        return challenges_add_file(challenges, challenge->token, challenge->authorization);
    case ACME_TLS_ALPN_01:
        return challenges_add_name(challenges, challenge->name, challenge->digest);
    case ACME_KINDS:
        break;
    }
    return false;
}

static void withdraw(void *ctx) {
    const struct certificate *certificate = ctx;
    challenges_clear(server_challenges(certificate->server));
}

static void remember_order(void *ctx, const char *order_url) {
    struct certificate *certificate = ctx;
    snprintf(certificate->state.order, sizeof(certificate->state.order), "%s", order_url);
    save_state(certificate);
}

/* By the listener that is there; with both, the other one after each failure: perhaps only one of
 * the two ports can be reached from outside. */
static enum acme_kind choose_kind(const struct certificate *certificate) {
    bool http = server_port(certificate->server, LISTENER_HTTP) != 0;
    bool again = certificate->state.failures % 2 == 1;
    return http && !again ? ACME_HTTP_01 : ACME_TLS_ALPN_01;
}

/* The order that was begun, or a new one's key. */
static struct keypair *order_key(struct certificate *certificate, char *error, size_t error_size) {
    const char *dir = certificate->options.dir;
    struct keypair *key = *certificate->state.order ? certificate_order_key(dir) : NULL;
    if (key)
        return key;
    certificate->state.order[0] = '\0';
    return certificate_new_order_key(dir, error, error_size);
}

/* A chain that would only harm is not installed. */
static enum err check_chain(struct certificate *certificate, const struct keypair *key,
                            const struct buf *pem, struct acme_trouble *trouble) {
    struct chain *chain = &certificate->chain;
    int64_t now = true_now(certificate);
    const char *fault = NULL;
    if (chain_read(chain, buf_text(pem), key) != OK)
        fault = "cannot be read or is for another key";
    else if (!chain_covers(chain, certificate->names, certificate->name_count))
        fault = "is not for all names";
    else if (chain->not_after <= now || chain->not_before > now + VALID_SOON)
        fault = "is not valid now";
    if (!fault)
        return OK;
    trouble->cause = ACME_REFUSED;
    trouble->order_over = true;
    snprintf(trouble->sentence, sizeof(trouble->sentence), "what the authority issued %s", fault);
    return ERR_REFUSED;
}

/* From the order to the file. */
static enum err obtain(struct certificate *certificate, const struct acme_options *acme,
                       struct acme_trouble *trouble) {
    struct buf pem = {0};
    struct keypair *key = order_key(certificate, trouble->sentence, sizeof(trouble->sentence));
    enum err err = key ? acme_obtain(acme, certificate->state.order, key, &pem, trouble) : ERR_IO;
    if (!err)
        err = check_chain(certificate, key, &pem, trouble);
    if (!err && (err = certificate_save(key, &pem, certificate->options.dir)) != OK)
        snprintf(trouble->sentence, sizeof(trouble->sentence),
                 "the certificate cannot be written to %s", certificate->options.dir);
    buf_free(&pem);
    keypair_destroy(key);
    return err;
}

static void succeed(struct certificate *certificate) {
    struct certificate_state *state = &certificate->state;
    const struct chain *chain = &certificate->chain;
    *state->order = *state->error = '\0';
    state->failures = 0;
    state->next_try = 0;
    state->limited = false;
    memcpy(state->issued_by, state->directory, sizeof(state->issued_by));
    save_state(certificate);
    certificate_order_done(certificate->options.dir);
    server_reload_certificate(certificate->server);
    LOG_FIELDS(LOG_INFO, "certificate_obtained", LOG_STR("names", state->names),
               LOG_STR("issuer", chain->issuer),
               LOG_INT("days", (chain->not_after - chain->not_before + 43200) / 86400),
               LOG_INT("not_after", chain->not_after));
}

static void fail(struct certificate *certificate, const struct acme_trouble *trouble) {
    struct certificate_state *state = &certificate->state;
    if (trouble->cause == ACME_STOPPED)
        return;
    if (trouble->order_over)
        *state->order = '\0';
    state->failures++;
    state->limited = trouble->cause == ACME_LIMITED;
    int64_t wait = certificate_backoff(state->failures, certificate->chance);
    if (wait < trouble->wait)
        wait = trouble->wait;
    state->next_try = clock_now() + wait;
    snprintf(state->error, sizeof(state->error), "%s", trouble->sentence);
    save_state(certificate);
    LOG_FIELDS(LOG_WARN, "certificate_failed", LOG_STR("reason", state->error),
               LOG_INT("failures", state->failures), LOG_INT("next_try_in", wait));
}

static void attempt(struct certificate *certificate) {
    const struct certificate_options *options = &certificate->options;
    struct acme_trouble trouble = {.cause = ACME_BROKEN};
    struct certificate_state *state = &certificate->state;
    state->tried_at = clock_now();
    certificate->look_at = 0;
    certificate->chance = secret_random_below(CHANCES);
    struct keypair *account =
        certificate_account(options->dir, trouble.sentence, sizeof(trouble.sentence));
    const struct acme_options acme = {.directory = options->directory,
                                      .email = options->email,
                                      .ca_file = options->ca_file,
                                      .account = account,
                                      .names = certificate->names,
                                      .name_count = certificate->name_count,
                                      .kind = choose_kind(certificate),
                                      .present = present,
                                      .withdraw = withdraw,
                                      .ordered = remember_order,
                                      .ctx = certificate,
                                      .stop_fd = certificate->stop_fd};
    int64_t theirs = 0;
    enum err err = account ? acme_time(&acme, &theirs, &trouble) : ERR_IO;
    if (!err) {
        measure_clock(certificate, theirs);
        if (fits(certificate) && due(certificate) > clock_now() + CERTIFICATE_GAP) {
            certificate->look_at = clock_now() + CLOCK_CHECK; /* only the clock said so */
            keypair_destroy(account);
            return;
        }
        err = obtain(certificate, &acme, &trouble);
    }
    keypair_destroy(account);
    certificate->loaded = certificate_load(&certificate->chain, options->dir);
    if (err)
        fail(certificate, &trouble);
    else
        succeed(certificate);
}

/* ---- the thread -------------------------------------------------------------------------------
 */

/* Until then, or for a step, or until somebody wakes us. */
static void sleep_until(struct certificate *certificate, int64_t when) {
    int64_t left = (when - clock_now()) * 1000;
    struct deadline next =
        deadline_in(left < STEP_MS ? (int)left : STEP_MS, 0, certificate->stop_fd);
    if (!deadline_wait(&next, certificate->wake_fd, POLLIN))
        return;
    eventfd_t times;
    (void)eventfd_read(certificate->wake_fd, &times);
    certificate->look_at = 0;
    if (!certificate->state.limited)
        certificate->state.next_try = 0;
}

static void *keep(void *arg) {
    struct certificate *certificate = arg;
    load(certificate);
    while (!deadline_stopped(certificate->stop_fd)) {
        int64_t when = due(certificate);
        publish(certificate, when);
        if (when > clock_now())
            sleep_until(certificate, when);
        else
            attempt(certificate);
    }
    return NULL;
}

struct certificate *certificate_start(const struct certificate_options *options,
                                      struct server *server) {
    struct certificate *certificate = calloc(1, sizeof(*certificate));
    if (!certificate)
        return NULL;
    certificate->options = *options;
    certificate->server = server;
    certificate->arena = arena_create();
    certificate->names = domain_list(certificate->arena, options->names, &certificate->name_count);
    certificate->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    certificate->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    certificate->chance = secret_random_below(CHANCES);
    pthread_mutex_init(&certificate->lock, NULL);
    if (certificate->names && certificate->stop_fd >= 0 && certificate->wake_fd >= 0 &&
        pthread_create(&certificate->thread, NULL, keep, certificate) == 0)
        return certificate;
    certificate->server = NULL; /* there is no thread */
    certificate_destroy(certificate);
    return NULL;
}

void certificate_wake(struct certificate *certificate) {
    eventfd_write(certificate->wake_fd, 1);
}

void certificate_stop(struct certificate *certificate) {
    if (!certificate || !certificate->server)
        return;
    eventfd_write(certificate->stop_fd, 1);
    pthread_join(certificate->thread, NULL);
    certificate->server = NULL;
}

void certificate_destroy(struct certificate *certificate) {
    if (!certificate)
        return;
    certificate_stop(certificate);
    if (certificate->stop_fd >= 0)
        close(certificate->stop_fd);
    if (certificate->wake_fd >= 0)
        close(certificate->wake_fd);
    pthread_mutex_destroy(&certificate->lock);
    arena_destroy(certificate->arena);
    free(certificate);
}
