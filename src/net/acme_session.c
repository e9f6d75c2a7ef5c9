/* Requests and nonces. */
#include "net/acme_session.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/fetch.h"
#include "net/url.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    ALL_MS = 5 * 60 * 1000,
    REQUEST_MS = 30 * 1000,
    NONCE_TRIES = 6,
    REPLY_LIMIT = 256 * 1024,
    LIMITED_WAIT = 3600, /* seconds, when the server limits and says no more */
    WAIT_MAX = 60,
};

enum err acme_session_fail(struct acme_session *session, enum acme_cause cause, const char *format,
                           ...) {
    va_list args;
    va_start(args, format);
    session->trouble->cause = cause;
    vsnprintf(session->trouble->sentence, sizeof(session->trouble->sentence), format, args);
    va_end(args);
    return ERR_REFUSED;
}

/* The host of the authority, for people. */
static const char *authority_of(const struct acme_session *session, struct url *url) {
    return url_parse(url, session->options->directory) == OK ? url->host : "the authority";
}

/* A reply that says no. */
static enum err take_refusal(struct acme_session *session, const char *what,
                             const struct reply *reply) {
    struct acme_problem problem;
    struct url url;
    acme_problem_parse(&problem, buf_text(&reply->body));
    bool limited = reply->status == 429 || strcmp(problem.type, "rateLimited") == 0;
    bool ill = reply->status >= 500;
    session->trouble->wait = reply_retry_after(reply, clock_now());
    if (limited && session->trouble->wait == 0)
        session->trouble->wait = LIMITED_WAIT;
    const char *says = *problem.detail ? problem.detail : "nothing more";
    return acme_session_fail(session,
                             limited ? ACME_LIMITED
                             : ill   ? ACME_UNREACHABLE
                                     : ACME_REFUSED,
                             "%s %s %s (status %d): %s", authority_of(session, &url),
                             limited ? "limits how much is asked of it, now"
                             : ill   ? "is in trouble with"
                                     : "refuses",
                             what, reply->status, says);
}

static void keep_nonce(struct acme_session *session, const struct reply *reply) {
    const char *nonce = reply_header(reply, "Replay-Nonce");
    size_t length = nonce ? strlen(nonce) : 0;
    session->nonce[0] = '\0';
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)nonce[i]) && nonce[i] != '-' && nonce[i] != '_')
            return; /* not base64url (RFC 8555, 6.5.1) */
    if (length && length < sizeof(session->nonce))
        memcpy(session->nonce, nonce, length + 1);
}

static enum err ask(struct acme_session *session, const struct fetch_request *request,
                    struct reply *reply) {
    char error[300];
    if (deadline_stopped(session->options->stop_fd))
        return acme_session_fail(session, ACME_STOPPED, "the program is ending");
    struct deadline deadline = deadline_within(&session->deadline, REQUEST_MS);
    if (fetch(request, deadline, reply, error, sizeof(error)) == OK) {
        keep_nonce(session, reply);
        return OK;
    }
    bool stopped = deadline_stopped(session->options->stop_fd);
    return acme_session_fail(session, stopped ? ACME_STOPPED : ACME_UNREACHABLE, "%s", error);
}

enum err acme_session_open(struct acme_session *session, const struct acme_options *options,
                           struct acme_trouble *trouble, int64_t *now) {
    *session = (struct acme_session){.options = options,
                                     .trouble = trouble,
                                     .deadline = deadline_in(ALL_MS, 0, options->stop_fd)};
    *trouble = (struct acme_trouble){0};
    const struct fetch_request request = {.method = "GET",
                                          .url = options->directory,
                                          .ca_file = options->ca_file,
                                          .reply_limit = REPLY_LIMIT};
    struct reply reply = {0};
    enum err err = ask(session, &request, &reply);
    if (err)
        return err;
    struct url url;
    if (now)
        *now = reply_date(&reply);
    if (reply.status != 200)
        err = take_refusal(session, "its directory", &reply);
    else if (acme_directory_parse(&session->directory, buf_text(&reply.body)) != OK)
        err = acme_session_fail(session, ACME_REFUSED,
                                "what %s answers at %s is no ACME directory (--acme-directory)",
                                authority_of(session, &url), options->directory);
    reply_free(&reply);
    return err;
}

static enum err fetch_nonce(struct acme_session *session) {
    const struct fetch_request request = {.method = "HEAD",
                                          .url = session->directory.new_nonce,
                                          .ca_file = session->options->ca_file};
    struct reply reply = {0};
    struct url url;
    enum err err = ask(session, &request, &reply);
    if (err)
        return err;
    if (reply.status != 200 && reply.status != 204)
        err = take_refusal(session, "a nonce", &reply);
    else if (!session->nonce[0])
        err = acme_session_fail(session, ACME_REFUSED, "%s gives no nonce",
                                authority_of(session, &url));
    reply_free(&reply);
    return err;
}

/* One try. */
static enum err send_signed(struct acme_session *session, const char *url, const char *payload,
                            struct reply *reply) {
    static const struct fetch_header headers[] = {{"Content-Type", "application/jose+json"},
                                                  {"Accept-Language", "en"}};
    enum err err = session->nonce[0] ? OK : fetch_nonce(session);
    if (err)
        return err;
    struct buf body = {0};
    err = jose_sign(session->options->account, url, session->nonce,
                    session->account[0] ? session->account : NULL, payload, &body);
    session->nonce[0] = '\0'; /* each is good once */
    const struct fetch_request request = {.method = "POST",
                                          .url = url,
                                          .headers = headers,
                                          .header_count = ARRAY_COUNT(headers),
                                          .body = body.data,
                                          .body_length = (int64_t)body.len,
                                          .ca_file = session->options->ca_file,
                                          .reply_limit = REPLY_LIMIT};
    if (err)
        err = acme_session_fail(session, ACME_BROKEN, "a request could not be signed");
    else
        err = ask(session, &request, reply);
    buf_free(&body);
    return err;
}

static bool is_bad_nonce(const struct reply *reply) {
    struct acme_problem problem;
    acme_problem_parse(&problem, reply->status == 400 ? buf_text(&reply->body) : "");
    return strcmp(problem.type, "badNonce") == 0;
}

enum err acme_session_post(struct acme_session *session, const char *what, const char *url,
                           const char *payload, struct reply *reply) {
    for (int tries = 1;; tries++) {
        enum err err = send_signed(session, url, payload, reply);
        if (err)
            return err;
        if (reply->status >= 200 && reply->status <= 299)
            return OK;
        bool again = tries < NONCE_TRIES && is_bad_nonce(reply);
        if (!again)
            err = take_refusal(session, what, reply);
        reply_free(reply);
        if (!again)
            return err;
        log_debug("acme_nonce_refused", "try", "%d", tries);
    }
}

enum err acme_session_wait(struct acme_session *session, const char *what, int64_t wanted,
                           int tries) {
    int64_t seconds = wanted > 0 ? wanted : tries < 10 ? tries + 1 : 10;
    deadline_sleep((int)(seconds < WAIT_MAX ? seconds : WAIT_MAX) * 1000,
                   session->options->stop_fd);
    if (deadline_stopped(session->options->stop_fd)) {
        acme_session_fail(session, ACME_STOPPED, "the program is ending");
        return ERR_IO;
    }
    if (!deadline_is_over(&session->deadline))
        return OK;
    struct url url;
    acme_session_fail(session, ACME_UNREACHABLE, "%s takes too long with %s",
                      authority_of(session, &url), what);
    return ERR_IO;
}
