/* What a certificate authority says in JSON, read as each of the things it may be, and a chain. */
#include "fuzz.h"
#include "net/acme_reply.h"
#include "net/chain.h"
#include "net/url.h"
#include <ctype.h>

static void check_url(const char *text) {
    struct url url;
    PROMISE(url_parse(&url, text) == OK && url.host[0] && url.target[0] == '/' && url.port > 0);
}

static void check_text(const char *text) {
    for (; *text; text++)
        PROMISE(isprint((unsigned char)*text));
}

static void check_order(const struct acme_order *order) {
    PROMISE(order->authorization_count <= ACME_NAMES);
    for (size_t i = 0; i < order->authorization_count; i++)
        check_url(order->authorizations[i]);
    check_url(order->finalize);
    if (order->status == ACME_VALID || *order->certificate)
        check_url(order->certificate);
    check_text(order->problem);
}

static void check_authorization(const struct acme_authorization *authorization) {
    check_text(authorization->name);
    check_text(authorization->problem);
    for (int kind = 0; kind < ACME_KINDS; kind++) {
        if (!*authorization->challenges[kind].url)
            continue;
        check_url(authorization->challenges[kind].url);
        for (const char *c = authorization->challenges[kind].token; *c; c++)
            PROMISE(isalnum((unsigned char)*c) || *c == '-' || *c == '_');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct chain chain;
    char *text = fuzz_text(data, size);
    struct acme_directory directory;
    struct acme_order order;
    struct acme_authorization authorization;
    struct acme_problem problem;
    if (acme_directory_parse(&directory, text) == OK) {
        check_url(directory.new_nonce);
        check_url(directory.new_account);
        check_url(directory.new_order);
    }
    if (acme_order_parse(&order, text) == OK)
        check_order(&order);
    if (acme_authorization_parse(&authorization, text) == OK)
        check_authorization(&authorization);
    acme_problem_parse(&problem, text);
    check_text(problem.type);
    check_text(problem.detail);
    if (chain_read(&chain, text, NULL) == OK)
        PROMISE(chain.name_count <= CHAIN_NAMES);
    free(text);
    return 0;
}
