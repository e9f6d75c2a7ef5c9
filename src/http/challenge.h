/* Answers to a certificate authority that checks whether this machine is who it says (RFC
 * 8555, 8.3; RFC 8737): a file on plain HTTP, or a certificate for the protocol "acme-tls/1". Few
 * at a time, for minutes. Safe from any thread. */
#ifndef HTTP_CHALLENGE_H
#define HTTP_CHALLENGE_H

#include "base/err.h"
#include "http/request.h"
#include "http/response.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHALLENGE_PROTOCOL "acme-tls/1"

enum { CHALLENGE_DIGEST_SIZE = 32 };

struct challenges;

struct challenges *challenges_create(void); /* NULL: no memory */
void challenges_destroy(struct challenges *challenges);

/* From now on /.well-known/acme-challenge/TOKEN is answered with `text`. False: there are too many,
 * or one of the texts is too long. */
bool challenges_add_file(struct challenges *challenges, const char *token, const char *text);

/* From now on whoever asks for `name` by "acme-tls/1" gets the certificate for this digest. */
bool challenges_add_name(struct challenges *challenges, const char *name,
                         const uint8_t digest[CHALLENGE_DIGEST_SIZE]);

void challenges_clear(struct challenges *challenges);

/* True when the request is for one of the files, known or not; the response is filled then. */
bool challenges_serve(struct challenges *challenges, const struct request *request,
                      struct response *response);

/* The digest for a name (of `length` bytes, any case); false: nobody was told to expect it. */
bool challenges_find(struct challenges *challenges, const char *name, size_t length,
                     uint8_t digest[CHALLENGE_DIGEST_SIZE]);

#endif
