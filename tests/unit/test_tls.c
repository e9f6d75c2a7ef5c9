/* Certificates: the self-signed one, reading, refusing, exchanging them in a running server.
 * Handshakes are tested with other people's clients in tests/http/door.test.js. */
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "http/tls_context.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW INT64_C(1772463600) /* 2 March 2026 */
#define DAY INT64_C(86400)

struct fixture {
    char dir[64], other[80], nowhere[80];
    struct tls_files files, other_files;
    char error[512];
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    snprintf(f->dir, sizeof(f->dir), "/tmp/taller-tls-XXXXXX");
    if (!mkdtemp(f->dir))
        return -1;
    snprintf(f->other, sizeof(f->other), "%s/other", f->dir);
    snprintf(f->nowhere, sizeof(f->nowhere), "%s/a/b", f->dir);
    *state = f;
    return tls_identity_self_signed(f->dir, NOW, &f->files, f->error, sizeof(f->error)) == OK &&
                   tls_identity_self_signed(f->other, NOW, &f->other_files, f->error,
                                            sizeof(f->error)) == OK
               ? 0
               : -1;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    unlink(f->files.cert);
    unlink(f->files.key);
    unlink(f->other_files.cert);
    unlink(f->other_files.key);
    rmdir(f->other);
    rmdir(f->dir);
    free(f);
    return 0;
}

static void copy_file(const char *from, const char *to) {
    char bytes[8192];
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_TRUNC | O_CREAT, 0600);
    ssize_t len = read(in, bytes, sizeof(bytes));
    assert_true(len > 0);
    assert_int_equal(write(out, bytes, (size_t)len), len);
    close(in);
    close(out);
}

static void write_text(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_TRUNC | O_CREAT, 0600);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void the_self_signed_one(void **state) {
    struct fixture *f = *state;
    struct tls_identity identity;
    struct stat st;
    assert_int_equal(
        tls_identity_load(&identity, f->files.cert, f->files.key, f->error, sizeof(f->error)), OK);
    assert_true(identity.self_signed);
    assert_int_equal(strlen(identity.fingerprint), 95);
    assert_int_equal(mbedtls_pk_get_type(&identity.key), MBEDTLS_PK_ECKEY);
    assert_int_equal(mbedtls_pk_get_bitlen(&identity.key), 256);
    char text[2048];
    assert_true(mbedtls_x509_crt_info(text, sizeof(text), "", &identity.chain) > 0);
    assert_non_null(strstr(text, "dNSName : localhost"));
    assert_non_null(strstr(text, "iPAddress : 127.0.0.1"));
    assert_non_null(strstr(text, "issued  on        : 2026-03-01"));
    assert_non_null(strstr(text, "expires on        : 2027-04-02")); /* 397 days */
    assert_non_null(strstr(text, "ext key usage     : TLS Web Server Authentication"));
    tls_identity_free(&identity);
    assert_int_equal(stat(f->files.key, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(f->other, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
}

static void it_is_made_once(void **state) {
    struct fixture *f = *state;
    struct stat before, after;
    struct tls_files again;
    assert_int_equal(stat(f->files.cert, &before), 0);
    assert_int_equal(tls_identity_self_signed(f->dir, NOW, &again, f->error, sizeof(f->error)), OK);
    assert_int_equal(stat(again.cert, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    write_text(f->files.cert, "damaged");
    assert_int_equal(tls_identity_self_signed(f->dir, NOW, &again, f->error, sizeof(f->error)), OK);
    struct tls_identity identity;
    assert_int_equal(
        tls_identity_load(&identity, again.cert, again.key, f->error, sizeof(f->error)), OK);
    tls_identity_free(&identity);
}

static void one_that_does_not_last_is_made_anew(void **state) {
    struct fixture *f = *state;
    struct tls_files again;
    struct stat before, after;
    assert_int_equal(stat(f->files.cert, &before), 0);
    int64_t month = NOW + (396 - 30) * DAY;
    assert_int_equal(tls_identity_self_signed(f->dir, month, &again, f->error, sizeof(f->error)),
                     OK);
    assert_int_equal(stat(again.cert, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(
        tls_identity_self_signed(f->dir, month + 1, &again, f->error, sizeof(f->error)), OK);
    assert_int_equal(stat(again.cert, &after), 0);
    assert_int_not_equal(before.st_ino, after.st_ino);
}

/* In a server that runs for longer than its certificate does. */
static void it_is_made_anew_in_use(void **state) {
    struct fixture *f = *state;
    char first[TLS_FINGERPRINT_SIZE], now[TLS_FINGERPRINT_SIZE];
    struct tls_context *context =
        tls_context_create(&(struct tls_sources){.dir = f->dir}, f->error, sizeof(f->error));
    assert_non_null(context);
    unlink(f->other_files.cert);
    assert_int_equal(tls_identity_self_signed(f->other, clock_now() - 380 * DAY, &f->other_files,
                                              f->error, sizeof(f->error)),
                     OK);
    copy_file(f->other_files.cert, f->files.cert);
    copy_file(f->other_files.key, f->files.key);
    tls_context_reload(context);
    tls_context_fingerprint(context, first);
    assert_true(tls_context_not_after(context) < clock_now() + 30 * DAY);

    tls_context_reload(context);
    tls_context_fingerprint(context, now);
    assert_string_not_equal(now, first);
    assert_true(tls_context_not_after(context) > clock_now() + 300 * DAY);
    tls_context_reload(context);
    tls_context_fingerprint(context, first);
    assert_string_equal(now, first);
    tls_context_destroy(context);
}

static void bad_files_are_named(void **state) {
    struct fixture *f = *state;
    struct tls_identity identity;
    assert_int_equal(
        tls_identity_load(&identity, f->nowhere, f->files.key, f->error, sizeof(f->error)),
        ERR_INVALID);
    assert_non_null(strstr(f->error, f->nowhere));
    assert_int_equal(
        tls_identity_load(&identity, f->files.cert, f->nowhere, f->error, sizeof(f->error)),
        ERR_INVALID);
    assert_non_null(strstr(f->error, f->nowhere));
    assert_int_equal(
        tls_identity_load(&identity, f->files.cert, f->other_files.key, f->error, sizeof(f->error)),
        ERR_INVALID);
    assert_non_null(strstr(f->error, "does not belong"));
    struct tls_files none;
    assert_int_equal(tls_identity_self_signed(f->nowhere, NOW, &none, f->error, sizeof(f->error)),
                     ERR_IO);
    assert_non_null(strstr(f->error, f->nowhere));
}

static void a_context_needs_a_key(void **state) {
    struct fixture *f = *state;
    assert_null(tls_context_create(&(struct tls_sources){.cert_file = f->files.cert}, f->error,
                                   sizeof(f->error)));
    assert_non_null(strstr(f->error, "needs a private key"));
}

static void certificates_are_exchanged(void **state) {
    struct fixture *f = *state;
    char first[TLS_FINGERPRINT_SIZE], now[TLS_FINGERPRINT_SIZE];
    struct tls_context *context = tls_context_create(
        &(struct tls_sources){.cert_file = f->files.cert, .key_file = f->files.key}, f->error,
        sizeof(f->error));
    assert_non_null(context);
    assert_true(tls_context_self_signed(context));
    tls_context_fingerprint(context, first);
    struct tls_config *in_use = tls_context_hold(context);

    copy_file(f->other_files.cert, f->files.cert); /* half-way: the key is still the old one */
    tls_context_reload(context);
    tls_context_fingerprint(context, now);
    assert_string_equal(now, first);

    copy_file(f->other_files.key, f->files.key);
    tls_context_reload(context);
    tls_context_fingerprint(context, now);
    assert_string_not_equal(now, first);
    assert_string_equal(in_use->identity.fingerprint,
                        first); /* a connection goes on with its own */
    tls_context_let_go(in_use);

    snprintf(first, sizeof(first), "%s", now);
    write_text(f->files.cert, "nonsense");
    tls_context_reload(context);
    unlink(f->files.cert);
    tls_context_reload(context);
    tls_context_fingerprint(context, now);
    assert_string_equal(now, first);
    tls_context_destroy(context);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_self_signed_one, setup, teardown),
        cmocka_unit_test_setup_teardown(it_is_made_once, setup, teardown),
        cmocka_unit_test_setup_teardown(one_that_does_not_last_is_made_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(it_is_made_anew_in_use, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_files_are_named, setup, teardown),
        cmocka_unit_test_setup_teardown(a_context_needs_a_key, setup, teardown),
        cmocka_unit_test_setup_teardown(certificates_are_exchanged, setup, teardown),
    };
    if (secret_setup(1, 8) != OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
