/* The certificates of the authorities that Mozilla trusts (Debian's ca-certificates, embedded at
 * build), for outgoing TLS where the file system has none. Immutable, any thread. */
#ifndef BASE_ROOTS_H
#define BASE_ROOTS_H

#include <stddef.h>

struct root {
    const unsigned char *der; /* one X.509 certificate, DER; lives as long as the program */
    size_t len;
};

extern const struct root roots[];
extern const size_t roots_count;

#endif
