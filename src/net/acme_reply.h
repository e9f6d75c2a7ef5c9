/* What an ACME server says (RFC 8555, 7.1; problems: RFC 7807), read from JSON into plain data.
 * What is missing, of another type, too long or too much refuses the whole. Texts of the server are
 * printable ASCII afterwards, so they can be logged. */
#ifndef NET_ACME_REPLY_H
#define NET_ACME_REPLY_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

enum {
    ACME_NAMES = 32, /* in one certificate */
    ACME_URL_SIZE = 512,
    ACME_TOKEN_SIZE = 129,
    ACME_TEXT_SIZE = 300,
};

enum acme_status { ACME_PENDING, ACME_READY, ACME_PROCESSING, ACME_VALID, ACME_INVALID };

/* What the server can check a name by. */
enum acme_kind {
    ACME_HTTP_01,     /* a file below /.well-known/acme-challenge/ (RFC 8555, 8.3) */
    ACME_TLS_ALPN_01, /* a certificate for the protocol acme-tls/1 (RFC 8737) */
    ACME_KINDS,
};
extern const char *const acme_kind_names[ACME_KINDS]; /* "http-01", "tls-alpn-01" */

struct acme_directory {
    char new_nonce[ACME_URL_SIZE], new_account[ACME_URL_SIZE], new_order[ACME_URL_SIZE];
    bool needs_external_account;
};

struct acme_order {
    enum acme_status status;
    char authorizations[ACME_NAMES][ACME_URL_SIZE];
    size_t authorization_count;
    char finalize[ACME_URL_SIZE];
    char certificate[ACME_URL_SIZE]; /* "" until it is there */
    char problem[ACME_TEXT_SIZE];    /* why it is invalid, or "" */
};

struct acme_authorization {
    enum acme_status status; /* deactivated, expired and revoked are ACME_INVALID */
    char name[254];
    struct {
        char url[ACME_URL_SIZE], token[ACME_TOKEN_SIZE]; /* "" where the kind is not offered */
    } challenges[ACME_KINDS];
    char problem[ACME_TEXT_SIZE];
};

struct acme_problem {
    char type[64]; /* without "urn:ietf:params:acme:error:", "" when there is none */
    char detail[ACME_TEXT_SIZE];
};

enum err acme_directory_parse(struct acme_directory *directory, const char *json) MUST_CHECK;
enum err acme_order_parse(struct acme_order *order, const char *json) MUST_CHECK;
enum err acme_authorization_parse(struct acme_authorization *authorization,
                                  const char *json) MUST_CHECK;

/* Whatever can be made of it: servers in trouble answer all sorts of things. */
void acme_problem_parse(struct acme_problem *problem, const char *json);

#endif
