/* Builds and swaps the shared TLS configuration. */
#include "http/tls_context.h"
#include "base/clock.h"
#include "base/log.h"
#include "http/challenge.h"
#include "http/tls_proof.h"
#include "http/tls_session.h"
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/ssl_ticket.h>
#include <psa/crypto.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A ticket key makes tickets for this long and opens them for as long again (seconds). */
enum { TICKET_LIFETIME = 6 * 3600 };

struct file_stamp {
    struct timespec changed;
    ino_t inode;
    off_t size;
};

struct tls_context {
    pthread_mutex_t lock; /* for `current` and the stamps */
    struct tls_config *current;
    _Atomic bool self_signed;
    _Atomic int64_t resumed;
    mbedtls_ssl_ticket_context tickets;
    struct tls_files files;   /* in use, or to be */
    char kept[TLS_PATH_SIZE]; /* "": none */
    char dir[TLS_PATH_SIZE];  /* of the self-signed one; "": people gave theirs */
    bool told;                /* that it cannot be made anew */
    struct challenges *challenges;
    struct file_stamp cert_stamp, key_stamp;
};

/* AES-256 and ChaCha20 only where the processor has AES: mbedTLS takes the client's first choice,
 * which is AES-128 in browsers, and libsodium's fast AES knows 256 bits only. */
static const int suites[] = {
    MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
    MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    0,
};
static const int suites_without_aes[] = {
    MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
    MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    0,
};
static const uint16_t groups[] = {
    MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_NONE,
};

static bool has_fast_aes(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul");
#else
    return false;
#endif
}

static int parse_ticket(void *ctx, mbedtls_ssl_session *session, unsigned char *ticket,
                        size_t len) {
    struct tls_context *context = ctx;
    int code = mbedtls_ssl_ticket_parse(&context->tickets, session, ticket, len);
    if (code == 0)
        atomic_fetch_add(&context->resumed, 1);
    return code;
}

static int write_ticket(void *ctx, const mbedtls_ssl_session *session, unsigned char *start,
                        const unsigned char *end, size_t *len, uint32_t *lifetime) {
    struct tls_context *context = ctx;
    return mbedtls_ssl_ticket_write(&context->tickets, session, start, end, len, lifetime);
}

static void configure(struct tls_config *config, struct tls_context *context) {
    static const char *protocols[] = {"http/1.1", NULL};
    static const char *with_challenges[] = {"http/1.1", CHALLENGE_PROTOCOL, NULL};
    mbedtls_ssl_config *ssl = &config->ssl;
    mbedtls_ssl_conf_rng(ssl, tls_random, NULL);
    mbedtls_ssl_conf_min_tls_version(ssl, MBEDTLS_SSL_VERSION_TLS1_2);
    mbedtls_ssl_conf_max_tls_version(ssl, MBEDTLS_SSL_VERSION_TLS1_3);
    mbedtls_ssl_conf_authmode(ssl, MBEDTLS_SSL_VERIFY_NONE);
    mbedtls_ssl_conf_ciphersuites(ssl, has_fast_aes() ? suites : suites_without_aes);
    mbedtls_ssl_conf_groups(ssl, groups);
    mbedtls_ssl_conf_alpn_protocols(ssl, context->challenges ? with_challenges : protocols);
    if (context->challenges)
        mbedtls_ssl_conf_cert_cb(ssl, tls_session_choose_certificate);
    mbedtls_ssl_conf_tls13_key_exchange_modes(ssl,
                                              MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ALL);
    mbedtls_ssl_conf_new_session_tickets(ssl, 1);
    mbedtls_ssl_conf_session_tickets(ssl, MBEDTLS_SSL_SESSION_TICKETS_ENABLED);
    mbedtls_ssl_conf_session_tickets_cb(ssl, write_ticket, parse_ticket, context);
}

void tls_context_let_go(struct tls_config *config) {
    if (!config || atomic_fetch_sub(&config->holders, 1) > 1)
        return;
    mbedtls_ssl_config_free(&config->ssl);
    tls_identity_free(&config->identity);
    free(config);
}

static struct tls_config *config_create(struct tls_context *context, char *error,
                                        size_t error_size) {
    struct tls_config *config = calloc(1, sizeof(*config));
    if (!config) {
        snprintf(error, error_size, "out of memory");
        return NULL;
    }
    if (tls_identity_load(&config->identity, context->files.cert, context->files.key, error,
                          error_size) != OK) {
        free(config);
        return NULL;
    }
    config->holders = 1;
    mbedtls_ssl_config_init(&config->ssl);
    if (mbedtls_ssl_config_defaults(&config->ssl, MBEDTLS_SSL_IS_SERVER,
                                    MBEDTLS_SSL_TRANSPORT_STREAM,
                                    MBEDTLS_SSL_PRESET_DEFAULT) != 0 ||
        mbedtls_ssl_conf_own_cert(&config->ssl, &config->identity.chain, &config->identity.key) !=
            0) {
        snprintf(error, error_size, "cannot use the certificate %s", context->files.cert);
        tls_context_let_go(config);
        return NULL;
    }
    configure(config, context);
    return config;
}

static struct file_stamp stamp_of(const char *path) {
    struct stat st;
    if (stat(path, &st) != 0)
        return (struct file_stamp){0};
    return (struct file_stamp){.changed = st.st_mtim, .inode = st.st_ino, .size = st.st_size};
}

static bool same_stamp(const struct file_stamp *a, const struct file_stamp *b) {
    return a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec &&
           a->inode == b->inode && a->size == b->size;
}

/* Remembers what the files look like; true when that is news. */
static bool take_stamps(struct tls_context *context) {
    struct file_stamp cert = stamp_of(context->files.cert), key = stamp_of(context->files.key);
    bool news = !same_stamp(&cert, &context->cert_stamp) || !same_stamp(&key, &context->key_stamp);
    context->cert_stamp = cert;
    context->key_stamp = key;
    return news;
}

static void warn_if_expired(const struct tls_config *config) {
    if (mbedtls_x509_time_is_past(&config->identity.chain.valid_to) == 1)
        log_warn("certificate_expired", "sha256", "%s", config->identity.fingerprint);
}

/* The kept certificate goes before the self-signed one from the moment it is there. */
static bool prefer_kept(struct tls_context *context) {
    if (!context->kept[0] || access(context->kept, R_OK) != 0)
        return false;
    memcpy(context->files.cert, context->kept, TLS_PATH_SIZE);
    memcpy(context->files.key, context->kept, TLS_PATH_SIZE);
    return true;
}

static enum err find_files(struct tls_context *context, const struct tls_sources *sources,
                           char *error, size_t error_size) {
    const char *cert_file = sources->cert_file, *key_file = sources->key_file;
    if (!cert_file || !*cert_file) {
        snprintf(context->dir, TLS_PATH_SIZE, "%s", sources->dir);
        return prefer_kept(context) ? OK
                                    : tls_identity_self_signed(sources->dir, clock_now(),
                                                               &context->files, error, error_size);
    }
    if (!key_file || strlen(cert_file) >= TLS_PATH_SIZE || strlen(key_file) >= TLS_PATH_SIZE) {
        snprintf(error, error_size, "the certificate %s needs a private key", cert_file);
        return ERR_INVALID;
    }
    snprintf(context->files.cert, TLS_PATH_SIZE, "%s", cert_file);
    snprintf(context->files.key, TLS_PATH_SIZE, "%s", key_file);
    return OK;
}

/* A kept certificate that is damaged is obtained anew: until then the self-signed one will do. */
static void load_first(struct tls_context *context, const struct tls_sources *sources, char *error,
                       size_t error_size) {
    take_stamps(context);
    context->current = config_create(context, error, error_size);
    if (context->current || strcmp(context->files.cert, context->kept) != 0)
        return;
    log_warn("certificate_refused", "reason", "%s; a self-signed one takes its place", error);
    if (tls_identity_self_signed(sources->dir, clock_now(), &context->files, error, error_size) ==
        OK)
        context->current = config_create(context, error, error_size);
}

struct tls_context *tls_context_create(const struct tls_sources *sources, char *error,
                                       size_t error_size) {
    struct tls_context *context = calloc(1, sizeof(*context));
    if (!context || psa_crypto_init() != PSA_SUCCESS) {
        snprintf(error, error_size, "cannot set up TLS");
        free(context);
        return NULL;
    }
    pthread_mutex_init(&context->lock, NULL);
    mbedtls_ssl_ticket_init(&context->tickets);
    context->challenges = sources->challenges;
    if (sources->kept_file)
        snprintf(context->kept, TLS_PATH_SIZE, "%s", sources->kept_file);
    if (find_files(context, sources, error, error_size) == OK) {
        int code = mbedtls_ssl_ticket_setup(&context->tickets, tls_random, NULL,
                                            MBEDTLS_CIPHER_AES_256_GCM, TICKET_LIFETIME);
        if (code == 0)
            load_first(context, sources, error, error_size);
        else
            snprintf(error, error_size, "cannot make ticket keys");
    }
    if (!context->current) {
        tls_context_destroy(context);
        return NULL;
    }
    context->self_signed = context->current->identity.self_signed;
    warn_if_expired(context->current);
    return context;
}

void tls_context_destroy(struct tls_context *context) {
    if (!context)
        return;
    tls_context_let_go(context->current);
    mbedtls_ssl_ticket_free(&context->tickets);
    pthread_mutex_destroy(&context->lock);
    free(context);
}

/* The self-signed one is made anew in time: as files that changed. */
static void renew_self_signed(struct tls_context *context) {
    char error[512];
    int64_t now = clock_now();
    if (!context->dir[0] || !context->current->identity.self_signed ||
        tls_identity_lasts(&context->current->identity, now))
        return;
    bool failed =
        tls_identity_self_signed(context->dir, now, &context->files, error, sizeof(error)) != OK;
    if (failed && !context->told)
        log_warn("certificate_not_renewed", "reason", "%s", error);
    context->told = failed;
}

void tls_context_reload(struct tls_context *context) {
    char error[512] = "";
    pthread_mutex_lock(&context->lock);
    if (!prefer_kept(context))
        renew_self_signed(context);
    if (!take_stamps(context)) {
        pthread_mutex_unlock(&context->lock);
        return;
    }
    struct tls_config *old = NULL, *fresh = config_create(context, error, sizeof(error));
    if (fresh) {
        old = context->current;
        context->current = fresh;
        context->self_signed = fresh->identity.self_signed;
        warn_if_expired(fresh);
        log_info("certificate_loaded", "sha256", "%s", fresh->identity.fingerprint);
    } else {
        log_error("certificate_refused", "reason", "%s; the one in use stays", error);
    }
    pthread_mutex_unlock(&context->lock);
    tls_context_let_go(old);
}

struct tls_proof *tls_context_prove(struct tls_context *context, const unsigned char *name,
                                    size_t length) {
    uint8_t digest[CHALLENGE_DIGEST_SIZE];
    bool expected =
        name && challenges_find(context->challenges, (const char *)name, length, digest);
    return expected ? tls_proof_create((const char *)name, length, digest) : NULL;
}

struct tls_config *tls_context_hold(struct tls_context *context) {
    pthread_mutex_lock(&context->lock);
    struct tls_config *config = context->current;
    atomic_fetch_add(&config->holders, 1);
    pthread_mutex_unlock(&context->lock);
    return config;
}

int64_t tls_context_resumed(const struct tls_context *context) {
    return context->resumed;
}

int64_t tls_context_not_after(struct tls_context *context) {
    pthread_mutex_lock(&context->lock);
    int64_t end = tls_identity_moment(&context->current->identity.chain.valid_to);
    pthread_mutex_unlock(&context->lock);
    return end;
}

bool tls_context_self_signed(const struct tls_context *context) {
    return context->self_signed;
}

void tls_context_fingerprint(struct tls_context *context, char text[TLS_FINGERPRINT_SIZE]) {
    pthread_mutex_lock(&context->lock);
    memcpy(text, context->current->identity.fingerprint, TLS_FINGERPRINT_SIZE);
    pthread_mutex_unlock(&context->lock);
}
