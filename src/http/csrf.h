/* Proof that a changing request comes from a page of ours, before there is a session: the signed
 * double-submit cookie. The cookie holds a random token and our tag over it; the form carries the
 * same text in its field csrf_token. Another site can neither read nor set the cookie (its name
 * begins with __Host-), and a forged one fails the tag.
 * (OWASP Cross-Site Request Forgery Prevention: signed double-submit cookie.) */
#ifndef HTTP_CSRF_H
#define HTTP_CSRF_H

#include "base/secret.h"
#include "http/request.h"
#include "http/response.h"
#include <stdbool.h>

#define CSRF_FIELD "csrf_token"

/* The token for a form on this page: the visitor's own if the cookie is good, else a fresh one
 * together with its cookie. In the request's arena. */
const char *csrf_cookie_token(const struct request *request, struct response *response,
                              const uint8_t key[SECRET_KEY_SIZE]);

/* True when the field equals a good cookie. */
bool csrf_cookie_valid(const struct request *request, const uint8_t key[SECRET_KEY_SIZE]);

/* True when the field equals the session's token. In constant time. */
bool csrf_session_valid(const struct request *request, const char *session_token);

#endif
