/* Network addresses: where a client is, which household it belongs to, whether a proxy is trusted,
 * and the "ADDR:PORT" of options. No names are ever looked up. */
#ifndef HTTP_ADDRESS_H
#define HTTP_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr_storage;

enum { ADDRESS_TEXT = 46, ADDRESS_BYTES = 16, ADDRESS_NETWORKS = 16 };

/* IPv6, or IPv4 mapped into it (::ffff:a.b.c.d). */
struct address {
    uint8_t bytes[ADDRESS_BYTES];
};

struct network {
    struct address base;
    int bits; /* 0 to 128, of the mapped form */
};

struct networks {
    struct network items[ADDRESS_NETWORKS];
    size_t count;
};

struct address address_of(const struct sockaddr_storage *from);
int address_port(const struct sockaddr_storage *from);

/* Numeric IPv4 or IPv6 without brackets; `len` bytes of text. */
bool address_parse(const char *text, size_t len, struct address *address);
void address_format(const struct address *address, char text[ADDRESS_TEXT]);

/* What counts as one visitor: an IPv4 address, or the /64 of an IPv6 one. */
struct address address_household(const struct address *address);

/* CIDRs ("10.0.0.0/8, fd00::/8", also bare addresses) separated by commas or blanks. False when one
 * of them is none, or there are more than ADDRESS_NETWORKS. NULL and "" give none. */
bool networks_parse(const char *text, struct networks *networks);
bool networks_hold(const struct networks *networks, const struct address *address);

/* "ADDR:PORT" or "[ADDR6]:PORT". */
bool address_split_listener(const char *text, struct address *address, int *port);

#endif
