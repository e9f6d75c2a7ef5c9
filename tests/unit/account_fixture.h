/* People for the tests of accounts, made as the forms make them. */
#ifndef ACCOUNT_FIXTURE_H
#define ACCOUNT_FIXTURE_H

#include "shop/account.h"
#include "shop_fixture.h"

#define GOOD_PASSWORD "zapato verde lunar"
#define OTHER_PASSWORD "nueve kiwis y un farol"

/* What a parent types to sign up; change it as the test needs. */
struct account_input account_fixture_parent(const char *email);
/* Somebody at a page in English, now, from no particular address. */
struct account_visit account_fixture_visit(void);
/* Signs that parent up; the new account's id. `cookie` may be NULL. */
int64_t account_fixture_signup(struct fixture *f, const char *email, struct session_cookie *cookie);
/* Tries to log in; the first error of the whole form, ACCOUNT_FINE when it worked. */
enum account_error account_fixture_login(struct fixture *f, const char *email, const char *password,
                                         struct account_result *result);
/* Whether that cookie is a live session at `now`. */
bool account_fixture_session_lives(struct fixture *f, const char *token, int64_t now);
/* The account's sessions in the database. */
int64_t account_fixture_sessions(struct fixture *f, int64_t account_id);

#endif
