/* A real shop on a real database in a temporary folder, for the tests of shop/. One fixture a test:
 *
 *     static void a_test(void **state) {
 *         struct fixture *f = *state;
 *         int64_t ana = fixture_account(f, "ana@example.org");
 *         …
 *         assert_int_equal(fixture_int(f, "SELECT count(*) FROM orders WHERE account_id = ?1",
 *                                      V(ana)), 1);
 *     }
 *     …   cmocka_unit_test_setup_teardown(a_test, fixture_setup, fixture_teardown)
 *
 * Mails are written by a stub, one line a value: see fixture_render_mail. Texts live in f->arena.
 */
#ifndef SHOP_FIXTURE_H
#define SHOP_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "db/db.h"
#include "shop/shop.h"

#include <cmocka.h>

/* Monday 2 March 2026, 10:00 in Lima. */
#define FIXTURE_NOW INT64_C(1772463600)
#define FIXTURE_BASE_URL "https://taller.example"

enum { HOUR_SECONDS = 3600, DAY_SECONDS = 86400 };

struct fixture {
    struct shop shop;
    struct arena *arena;
    char folder[64];
    atomic_int mails_announced; /* calls of shop.mail_waiting, from any thread */
};

int fixture_setup(void **state);
int fixture_teardown(void **state);

/* ---- things to test with; ids --------------------------------------------------------------- */

/* A parent called "Ana Torres" without a password; active, address confirmed. */
int64_t fixture_account(struct fixture *f, const char *email);
/* A child of that name, family name Torres. */
int64_t fixture_student(struct fixture *f, int64_t account_id, const char *first_name,
                        const char *date_of_birth);
const char *fixture_student_slug(struct fixture *f, int64_t student_id);
/* Active and public, in a topic of its own, from 6 April 2026 to 25 May 2026, no age limits.
 * capacity -1: none. */
int64_t fixture_workshop(struct fixture *f, const char *slug, int64_t price_cents,
                         int64_t capacity);
/* Sets a setting as the school would. */
void fixture_setting(struct fixture *f, const char *key, const char *value);

/* ---- looking at the database ---------------------------------------------------------------- */

/* Runs a writing statement, which must succeed; answers the id of the row inserted last. */
#define fixture_sql(f, sql, ...) fixture_sql_values((f), (sql), VALUES(__VA_ARGS__))
int64_t fixture_sql_values(struct fixture *f, const char *sql, const struct value *values);

/* The same through a connection to which a column may be NULL and no CHECK counts: what a damaged
 * database holds. */
void fixture_damage(struct fixture *f, const char *sql);

/* The first column of the first row; there must be one. */
#define fixture_int(f, sql, ...) fixture_int_values((f), (sql), VALUES(__VA_ARGS__))
int64_t fixture_int_values(struct fixture *f, const char *sql, const struct value *values);
#define fixture_text(f, sql, ...) fixture_text_values((f), (sql), VALUES(__VA_ARGS__))
const char *fixture_text_values(struct fixture *f, const char *sql, const struct value *values);

/* Waits until everything given to store_write_later is written. */
void fixture_flush(struct fixture *f);

/* How many mails of a kind are in the outbox. */
int64_t fixture_mails(struct fixture *f, enum mail_kind kind);

/* What stands behind `before` in the newest mail, up to the next '/' or line end: the token of
 * "/key/". */
const char *fixture_mail_token(struct fixture *f, const char *before);

/* The stub: subject "mail KIND LANG"; text, for mails with a struct mail_link, "name: …" and
 * "link: …". */
void fixture_render_mail(struct mail_text *out, enum mail_kind kind, enum lang lang,
                         const void *model, const struct settings *settings, const char *base_url);

#endif
