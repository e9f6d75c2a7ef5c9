/* What an e-mail address looks like. Whether somebody reads it only a mail can tell. */
#ifndef BASE_EMAIL_H
#define BASE_EMAIL_H

#include <stdbool.h>

enum { EMAIL_MAX = 254 }; /* bytes (RFC 5321, 4.5.3.1.3) */

/* One address alone, in valid UTF-8: RFC 5321, 4.1.2, atoms between dots, with the letters of RFC
 * 6531; a domain of two labels or more. Quoted local parts, bare hosts and numbers are as good as
 * never meant, and refused. */
bool email_valid(const char *email);

#endif
