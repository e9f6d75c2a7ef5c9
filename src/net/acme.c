/* The way from an account to a chain of certificates. */
#include "net/acme.h"
#include "base/clock.h"
#include "base/secret.h"
#include "net/acme_session.h"
#include "net/keypair.h"
#include <cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum err acme_time(const struct acme_options *options, int64_t *now, struct acme_trouble *trouble) {
    struct acme_session session;
    return acme_session_open(&session, options, trouble, now);
}

/* ---- payloads ---------------------------------------------------------------------------------
 */

/* Sends an object and frees it. */
static enum err post_object(struct acme_session *session, const char *what, const char *url,
                            cJSON *object, struct reply *reply) {
    char *text = object ? cJSON_PrintUnformatted(object) : NULL;
    enum err err = text ? acme_session_post(session, what, url, text, reply)
                        : acme_session_fail(session, ACME_BROKEN, "no memory for a request");
    cJSON_free(text);
    cJSON_Delete(object);
    return err;
}

static bool copy_location(const struct reply *reply, char url[ACME_URL_SIZE]) {
    const char *location = reply_header(reply, "Location");
    if (!location || strlen(location) >= ACME_URL_SIZE)
        return false;
    memcpy(url, location, strlen(location) + 1);
    return true;
}

/* ---- the account ------------------------------------------------------------------------------
 */

static void add_contact(cJSON *object, const char *email) {
    char address[300];
    if (!*email)
        return;
    snprintf(address, sizeof(address), "mailto:%s", email);
    cJSON *list = cJSON_AddArrayToObject(object, "contact");
    cJSON_AddItemToArray(list, cJSON_CreateString(address));
}

/* The account of our key: the one there is, or a new one (RFC 8555, 7.3.1). An old one may not know
 * the address of mail of today yet. */
static enum err enter_account(struct acme_session *session) {
    const char *email = session->options->email;
    if (session->directory.needs_external_account)
        return acme_session_fail(session, ACME_REFUSED,
                                 "this authority wants accounts that were made elsewhere "
                                 "(external account binding), which Taller does not know");
    cJSON *object = cJSON_CreateObject();
    cJSON_AddTrueToObject(object, "termsOfServiceAgreed");
    add_contact(object, email);
    struct reply reply = {0};
    enum err err =
        post_object(session, "an account", session->directory.new_account, object, &reply);
    if (err)
        return err;
    bool known = copy_location(&reply, session->account), old = reply.status == 200;
    bool told = strstr(buf_text(&reply.body), email) != NULL;
    reply_free(&reply);
    if (!known)
        return acme_session_fail(session, ACME_REFUSED, "the account has no address");
    if (!old || told)
        return OK;
    object = cJSON_CreateObject();
    add_contact(object, email);
    err = post_object(session, "the account's address of mail", session->account, object, &reply);
    if (!err)
        reply_free(&reply);
    return err;
}

/* ---- the order --------------------------------------------------------------------------------
 */

static enum err take_order(struct acme_session *session, const struct reply *reply,
                           struct acme_order *order) {
    if (acme_order_parse(order, buf_text(&reply->body)) == OK)
        return OK;
    return acme_session_fail(session, ACME_REFUSED, "the authority's order cannot be read");
}

static enum err make_order(struct acme_session *session, char url[ACME_URL_SIZE],
                           struct acme_order *order) {
    const struct acme_options *options = session->options;
    cJSON *object = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(object, "identifiers");
    for (size_t i = 0; i < options->name_count; i++) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "type", "dns");
        cJSON_AddStringToObject(item, "value", options->names[i]);
        cJSON_AddItemToArray(list, item);
    }
    struct reply reply = {0};
    enum err err = post_object(session, "an order", session->directory.new_order, object, &reply);
    if (err)
        return err;
    err = copy_location(&reply, url)
              ? take_order(session, &reply, order)
              : acme_session_fail(session, ACME_REFUSED, "the order has no address");
    reply_free(&reply);
    if (!err)
        options->ordered(options->ctx, url);
    return err;
}

/* Asks for the order. `wait` gets its Retry-After. */
static enum err ask_order(struct acme_session *session, const char *url, struct acme_order *order,
                          int64_t *wait) {
    struct reply reply = {0};
    enum err err = acme_session_post(session, "the order", url, "", &reply);
    if (err)
        return err;
    *wait = reply_retry_after(&reply, clock_now());
    err = take_order(session, &reply, order);
    reply_free(&reply);
    return err;
}

/* ---- proving a name ---------------------------------------------------------------------------
 */

static enum err ask_authorization(struct acme_session *session, const char *url,
                                  struct acme_authorization *authorization, int64_t *wait) {
    struct reply reply = {0};
    enum err err = acme_session_post(session, "a name", url, "", &reply);
    if (err)
        return err;
    *wait = reply_retry_after(&reply, clock_now());
    if (acme_authorization_parse(authorization, buf_text(&reply.body)) != OK)
        err = acme_session_fail(session, ACME_REFUSED,
                                "what the authority says of a name cannot be read");
    reply_free(&reply);
    return err;
}

static enum err present(struct acme_session *session,
                        const struct acme_authorization *authorization) {
    const struct acme_options *options = session->options;
    enum acme_kind kind = options->kind;
    struct acme_challenge challenge = {.kind = kind};
    char thumbprint[JOSE_THUMBPRINT_SIZE];
    if (!authorization->challenges[kind].url[0])
        return acme_session_fail(session, ACME_UNPROVEN, "the authority does not check %s by %s",
                                 authorization->name, acme_kind_names[kind]);
    jose_thumbprint(options->account, thumbprint);
    memcpy(challenge.name, authorization->name, sizeof(challenge.name));
    memcpy(challenge.token, authorization->challenges[kind].token, sizeof(challenge.token));
    snprintf(challenge.authorization, sizeof(challenge.authorization), "%s.%s", challenge.token,
             thumbprint);
    secret_sha256(challenge.authorization, strlen(challenge.authorization), challenge.digest);
    return options->present(options->ctx, &challenge)
               ? OK
               : acme_session_fail(session, ACME_BROKEN, "the answer for %s cannot be prepared",
                                   authorization->name);
}

static enum err await_proof(struct acme_session *session, const char *url,
                            struct acme_authorization *authorization) {
    for (int tries = 0;; tries++) {
        int64_t wait;
        enum err err = ask_authorization(session, url, authorization, &wait);
        if (err || authorization->status == ACME_VALID)
            return err;
        if (authorization->status == ACME_INVALID) {
            session->trouble->order_over = true;
            return acme_session_fail(
                session, ACME_UNPROVEN, "the authority could not check %s by %s: %s",
                authorization->name, acme_kind_names[session->options->kind],
                *authorization->problem ? authorization->problem : "it does not say why");
        }
        err = acme_session_wait(session, "checking a name", wait, tries);
        if (err)
            return err;
    }
}

static enum err prove_name(struct acme_session *session, const char *url) {
    struct acme_authorization authorization;
    int64_t wait;
    enum err err = ask_authorization(session, url, &authorization, &wait);
    if (err || authorization.status == ACME_VALID)
        return err;
    if (authorization.status == ACME_PENDING) {
        err = present(session, &authorization);
        struct reply reply = {0};
        if (!err)
            err = acme_session_post(session, "to check a name",
                                    authorization.challenges[session->options->kind].url, "{}",
                                    &reply);
        if (err)
            return err;
        reply_free(&reply);
    }
    return await_proof(session, url, &authorization);
}

/* ---- the certificate --------------------------------------------------------------------------
 */

static enum err finalize(struct acme_session *session, const struct acme_order *order,
                         const struct keypair *key) {
    const struct acme_options *options = session->options;
    struct buf der = {0};
    if (keypair_request(key, options->names, options->name_count, &der) != OK)
        return acme_session_fail(session, ACME_BROKEN, "a request could not be made");
    char *text = malloc(der.len * 2);
    if (text)
        secret_base64(der.data, der.len, text);
    cJSON *object = text ? cJSON_CreateObject() : NULL;
    if (object)
        cJSON_AddStringToObject(object, "csr", text);
    free(text);
    buf_free(&der);
    struct reply reply = {0};
    enum err err = post_object(session, "the request", order->finalize, object, &reply);
    if (!err)
        reply_free(&reply);
    return err;
}

static enum err fetch_chain(struct acme_session *session, const struct acme_order *order,
                            struct buf *chain) {
    struct reply reply = {0};
    enum err err = acme_session_post(session, "the certificate", order->certificate, "", &reply);
    if (err)
        return err;
    buf_append(chain, reply.body.data, reply.body.len);
    reply_free(&reply);
    return OK;
}

/* Each step leaves the order one further. */
static enum err advance(struct acme_session *session, struct acme_order *order,
                        const struct keypair *key, bool *waits) {
    enum err err = OK;
    *waits = false;
    switch (order->status) {
    case ACME_PENDING:
        for (size_t i = 0; !err && i < order->authorization_count; i++)
            err = prove_name(session, order->authorizations[i]);
        return err;
    case ACME_READY:
        return finalize(session, order, key);
    case ACME_PROCESSING:
        *waits = true;
        return OK;
    case ACME_VALID:
        return OK;
    case ACME_INVALID:
        session->trouble->order_over = true;
        return acme_session_fail(session, ACME_REFUSED, "the order failed: %s",
                                 *order->problem ? order->problem : "the authority says no more");
    }
    return OK;
}

static enum err run_order(struct acme_session *session, const char *url, struct acme_order *order,
                          const struct keypair *key, struct buf *chain) {
    enum acme_status before = ACME_INVALID;
    int64_t wait = 0;
    for (int tries = 0; order->status != ACME_VALID; tries++) {
        bool waits;
        bool same = order->status == before; /* what we did has not shown yet */
        before = order->status;
        enum err err = same ? OK : advance(session, order, key, &waits);
        if (!err && (same || waits))
            err = acme_session_wait(session, "the order", wait, tries);
        if (!err)
            err = ask_order(session, url, order, &wait);
        if (err)
            return err;
    }
    return fetch_chain(session, order, chain);
}

enum err acme_obtain(const struct acme_options *options, const char *order_url,
                     const struct keypair *key, struct buf *chain, struct acme_trouble *trouble) {
    struct acme_session session;
    char url[ACME_URL_SIZE];
    int64_t wait;
    snprintf(url, sizeof(url), "%s", order_url);
    struct acme_order *order = calloc(1, sizeof(*order));
    if (!order) {
        *trouble = (struct acme_trouble){ACME_BROKEN, .sentence = "no memory for an order"};
        return ERR_INTERNAL;
    }
    enum err err = acme_session_open(&session, options, trouble, NULL);
    if (!err)
        err = enter_account(&session);
    if (!err && *url) {
        err = ask_order(&session, url, order, &wait);
        if (err && trouble->cause == ACME_REFUSED)
            trouble->order_over = true; /* forgotten there, or not ours */
    } else if (!err) {
        err = make_order(&session, url, order);
    }
    if (!err)
        err = run_order(&session, url, order, key, chain);
    options->withdraw(options->ctx);
    free(order);
    return err;
}
