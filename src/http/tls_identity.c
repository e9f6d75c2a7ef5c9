/* Certificates and keys on disk. The configuration that uses them is in tls_context.c. */
#include "http/tls_identity.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/secret.h"
#include <errno.h>
#include <fcntl.h>
#include <mbedtls/error.h>
#include <mbedtls/oid.h>
#include <mbedtls/pem.h>
#include <mbedtls/sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PEM_SIZE = 4096, DAY = 86400, VALID_DAYS = 397, LASTING_DAYS = 30, SERIAL_SIZE = 16 };

int tls_random(void *unused, unsigned char *bytes, size_t count) {
    (void)unused;
    secret_random(bytes, count);
    return 0;
}

static enum err fail(char *error, size_t size, const char *what, const char *file, int code) {
    char reason[128];
    mbedtls_strerror(code, reason, sizeof(reason));
    snprintf(error, size, "%s %s: %s", what, file, reason);
    return ERR_INVALID;
}

static void format_fingerprint(const mbedtls_x509_crt *leaf, char text[TLS_FINGERPRINT_SIZE]) {
    unsigned char hash[32];
    mbedtls_sha256(leaf->raw.p, leaf->raw.len, hash, 0);
    for (size_t i = 0; i < sizeof(hash); i++)
        snprintf(text + i * 3, 4, i + 1 < sizeof(hash) ? "%02X:" : "%02X", hash[i]);
}

static bool same_name(const mbedtls_x509_buf *a, const mbedtls_x509_buf *b) {
    return a->len == b->len && memcmp(a->p, b->p, a->len) == 0;
}

enum err tls_identity_load(struct tls_identity *identity, const char *cert_file,
                           const char *key_file, char *error, size_t error_size) {
    mbedtls_x509_crt_init(&identity->chain);
    mbedtls_pk_init(&identity->key);
    enum err result = OK;
    int code = mbedtls_x509_crt_parse_file(&identity->chain, cert_file);
    if (code != 0) {
        result = fail(error, error_size, "cannot read the certificate", cert_file, code);
        goto out;
    }
    code = mbedtls_pk_parse_keyfile(&identity->key, key_file, NULL, tls_random, NULL);
    if (code != 0) {
        result = fail(error, error_size, "cannot read the private key", key_file, code);
        goto out;
    }
    if (mbedtls_pk_check_pair(&identity->chain.pk, &identity->key, tls_random, NULL) != 0) {
        snprintf(error, error_size, "the private key %s does not belong to the certificate %s",
                 key_file, cert_file);
        result = ERR_INVALID;
        goto out;
    }
    identity->self_signed = same_name(&identity->chain.issuer_raw, &identity->chain.subject_raw);
    format_fingerprint(&identity->chain, identity->fingerprint);
out:
    if (result != OK)
        tls_identity_free(identity);
    return result;
}

void tls_identity_free(struct tls_identity *identity) {
    mbedtls_x509_crt_free(&identity->chain);
    mbedtls_pk_free(&identity->key);
}

/* The self-signed one -------------------------------------------------------------------------- */

/* Beside the file first, then renamed: a crash leaves the old file or the new one. */
static enum err write_file(const char *path, mode_t mode, const unsigned char *text) {
    char temporary[TLS_PATH_SIZE + 8];
    snprintf(temporary, sizeof(temporary), "%s.new", path);
    unlink(temporary);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return ERR_IO;
    size_t len = strlen((const char *)text);
    bool written = write(fd, text, len) == (ssize_t)len && fsync(fd) == 0;
    written = close(fd) == 0 && written;
    if (written && rename(temporary, path) == 0)
        return OK;
    unlink(temporary);
    return ERR_IO;
}

void tls_format_time(int64_t when, char text[16]) {
    time_t seconds = (time_t)when;
    struct tm tm;
    gmtime_r(&seconds, &tm);
    strftime(text, 16, "%Y%m%d%H%M%S", &tm);
}

/* localhost, its two addresses and the machine's own name. */
static int set_names(mbedtls_x509write_cert *cert, char *host) {
    static unsigned char loopback4[4] = {127, 0, 0, 1}, loopback6[16] = {[15] = 1};
    static char localhost[] = "localhost";
    mbedtls_x509_san_list names[4] = {0};
    const struct {
        int type;
        void *name;
        size_t len;
    } wanted[] = {
        {MBEDTLS_X509_SAN_DNS_NAME, localhost, sizeof(localhost) - 1},
        {MBEDTLS_X509_SAN_IP_ADDRESS, loopback4, sizeof(loopback4)},
        {MBEDTLS_X509_SAN_IP_ADDRESS, loopback6, sizeof(loopback6)},
        {MBEDTLS_X509_SAN_DNS_NAME, host, strlen(host)},
    };
    for (size_t i = 0; i < ARRAY_COUNT(wanted); i++) {
        names[i].node.type = wanted[i].type;
        names[i].node.san.unstructured_name =
            (mbedtls_x509_buf){.p = wanted[i].name, .len = wanted[i].len};
        names[i].next = i + 1 < ARRAY_COUNT(wanted) ? &names[i + 1] : NULL;
    }
    return mbedtls_x509write_crt_set_subject_alternative_name(cert, names);
}

static int describe(mbedtls_x509write_cert *cert, mbedtls_pk_context *key, int64_t now) {
    unsigned char serial[SERIAL_SIZE];
    static const mbedtls_asn1_sequence for_servers = {
        .buf = {.tag = MBEDTLS_ASN1_OID,
                .len = MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH),
                .p = (unsigned char *)MBEDTLS_OID_SERVER_AUTH}};
    char host[65] = "", from[16], to[16];
    if (gethostname(host, sizeof(host) - 1) != 0 || host[0] == '\0')
        snprintf(host, sizeof(host), "localhost");
    secret_random(serial, sizeof(serial));
    serial[0] = (unsigned char)((serial[0] & 0x3F) | 0x40); /* positive and of full length */
    tls_format_time(now - DAY, from);
    tls_format_time(now + (int64_t)(VALID_DAYS - 1) * DAY, to);
    mbedtls_x509write_crt_set_version(cert, MBEDTLS_X509_CRT_VERSION_3);
    mbedtls_x509write_crt_set_md_alg(cert, MBEDTLS_MD_SHA256);
    mbedtls_x509write_crt_set_subject_key(cert, key);
    mbedtls_x509write_crt_set_issuer_key(cert, key);
    int code = mbedtls_x509write_crt_set_subject_name(cert, "CN=Taller self-signed");
    if (code == 0)
        code = mbedtls_x509write_crt_set_issuer_name(cert, "CN=Taller self-signed");
    if (code == 0)
        code = mbedtls_x509write_crt_set_serial_raw(cert, serial, sizeof(serial));
    if (code == 0)
        code = mbedtls_x509write_crt_set_validity(cert, from, to);
    if (code == 0)
        code = mbedtls_x509write_crt_set_basic_constraints(cert, 0, -1);
    if (code == 0)
        code = mbedtls_x509write_crt_set_key_usage(cert, MBEDTLS_X509_KU_DIGITAL_SIGNATURE);
    if (code == 0)
        code = mbedtls_x509write_crt_set_ext_key_usage(cert, &for_servers);
    return code == 0 ? set_names(cert, host) : code;
}

static enum err make(const struct tls_files *files, int64_t now, char *error, size_t error_size) {
    mbedtls_pk_context key;
    mbedtls_x509write_cert cert;
    unsigned char cert_pem[PEM_SIZE], key_pem[PEM_SIZE];
    mbedtls_pk_init(&key);
    mbedtls_x509write_crt_init(&cert);
    enum err result = OK;
    int code = mbedtls_pk_setup(&key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
    if (code == 0)
        code = mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(key), tls_random, NULL);
    if (code == 0)
        code = describe(&cert, &key, now);
    if (code == 0)
        code = mbedtls_x509write_crt_pem(&cert, cert_pem, sizeof(cert_pem), tls_random, NULL);
    if (code == 0)
        code = mbedtls_pk_write_key_pem(&key, key_pem, sizeof(key_pem));
    if (code != 0) {
        result = fail(error, error_size, "cannot make the certificate", files->cert, code);
    } else if (write_file(files->key, 0600, key_pem) != OK ||
               write_file(files->cert, 0644, cert_pem) != OK) {
        snprintf(error, error_size, "cannot write %s or %s: %s", files->cert, files->key,
                 strerror(errno));
        result = ERR_IO;
    }
    secret_wipe(key_pem, sizeof(key_pem));
    mbedtls_x509write_crt_free(&cert);
    mbedtls_pk_free(&key);
    return result;
}

int64_t tls_identity_moment(const mbedtls_x509_time *time) {
    int64_t days = date_to_days((struct date){time->year, time->mon, time->day});
    return ((days * 24 + time->hour) * 60 + time->min) * 60 + time->sec;
}

bool tls_identity_lasts(const struct tls_identity *identity, int64_t now) {
    return tls_identity_moment(&identity->chain.valid_to) - now >= (int64_t)LASTING_DAYS * DAY;
}

static bool is_usable(const struct tls_files *files, int64_t now) {
    struct tls_identity identity;
    char ignored[256];
    if (tls_identity_load(&identity, files->cert, files->key, ignored, sizeof(ignored)) != OK)
        return false;
    bool lasts = tls_identity_lasts(&identity, now);
    tls_identity_free(&identity);
    return lasts;
}

enum err tls_identity_self_signed(const char *dir, int64_t now, struct tls_files *files,
                                  char *error, size_t error_size) {
    if (strlen(dir) + 32 > TLS_PATH_SIZE) {
        snprintf(error, error_size, "the path %s is too long", dir);
        return ERR_INVALID;
    }
    snprintf(files->cert, sizeof(files->cert), "%s/self-signed.crt", dir);
    snprintf(files->key, sizeof(files->key), "%s/self-signed.key", dir);
    if (is_usable(files, now))
        return OK;
    if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
        snprintf(error, error_size, "cannot make the folder %s: %s", dir, strerror(errno));
        return ERR_IO;
    }
    return make(files, now, error, error_size);
}
