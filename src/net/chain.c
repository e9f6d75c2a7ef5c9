/* mbedTLS's view of a chain, as plain data. */
#include "net/chain.h"
#include "base/date.h"
#include "net/keypair.h"
#include <ctype.h>
#include <mbedtls/ecp.h>
#include <mbedtls/x509_crt.h>
#include <psa/crypto.h>
#include <string.h>

static int64_t moment(const mbedtls_x509_time *time) {
    const struct date date = {.year = time->year, .month = time->mon, .day = time->day};
    return date_to_days(date) * 86400 + time->hour * 3600 + time->min * 60 + time->sec;
}

static void take_names(struct chain *chain, const mbedtls_x509_crt *leaf) {
    for (const mbedtls_x509_sequence *at = &leaf->subject_alt_names; at; at = at->next) {
        mbedtls_x509_subject_alternative_name name;
        if (chain->name_count == CHAIN_NAMES || !at->buf.p ||
            mbedtls_x509_parse_subject_alt_name(&at->buf, &name) != 0)
            continue;
        char *to = chain->names[chain->name_count];
        size_t length = name.san.unstructured_name.len;
        if (name.type == MBEDTLS_X509_SAN_DNS_NAME && length < sizeof(chain->names[0])) {
            for (size_t i = 0; i < length; i++)
                to[i] = (char)tolower(name.san.unstructured_name.p[i]);
            to[length] = '\0';
            chain->name_count++;
        }
        mbedtls_x509_free_subject_alt_name(&name);
    }
}

/* "CN=…, O=…" */
static void take_issuer(struct chain *chain, const mbedtls_x509_crt *leaf) {
    if (mbedtls_x509_dn_gets(chain->issuer, sizeof(chain->issuer), &leaf->issuer) < 0)
        chain->issuer[0] = '\0'; /* longer than anybody wants to read */
}

static bool belongs(const mbedtls_x509_crt *leaf, const struct keypair *key) {
    uint8_t x[KEYPAIR_COORDINATE], y[KEYPAIR_COORDINATE], point[1 + 2 * KEYPAIR_COORDINATE];
    size_t length = 0;
    keypair_public(key, x, y);
    if (!mbedtls_pk_can_do(&leaf->pk, MBEDTLS_PK_ECKEY) ||
        mbedtls_ecp_write_public_key(mbedtls_pk_ec(leaf->pk), MBEDTLS_ECP_PF_UNCOMPRESSED, &length,
                                     point, sizeof(point)) != 0)
        return false;
    return length == sizeof(point) && memcmp(point + 1, x, sizeof(x)) == 0 &&
           memcmp(point + 1 + sizeof(x), y, sizeof(y)) == 0;
}

enum err chain_read(struct chain *chain, const char *pem, const struct keypair *key) {
    mbedtls_x509_crt list;
    mbedtls_x509_crt_init(&list);
    *chain = (struct chain){0};
    enum err err = ERR_INVALID;
    if (psa_crypto_init() == PSA_SUCCESS &&
        mbedtls_x509_crt_parse(&list, (const unsigned char *)pem, strlen(pem) + 1) == 0 &&
        (!key || belongs(&list, key)))
        err = OK;
    if (!err) {
        chain->not_before = moment(&list.valid_from);
        chain->not_after = moment(&list.valid_to);
        take_names(chain, &list);
        take_issuer(chain, &list);
    }
    mbedtls_x509_crt_free(&list);
    return err;
}

static bool is_wildcard_for(const char *pattern, const char *name) {
    const char *dot = strchr(name, '.');
    return strncmp(pattern, "*.", 2) == 0 && dot && strcmp(pattern + 1, dot) == 0;
}

bool chain_covers(const struct chain *chain, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        while (at < chain->name_count && strcmp(chain->names[at], names[i]) != 0 &&
               !is_wildcard_for(chain->names[at], names[i]))
            at++;
        if (at == chain->name_count)
            return false;
    }
    return true;
}
