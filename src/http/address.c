/* Reads and compares network addresses. IPv4 lives in its mapped form, so that one comparison
 * serves both. */
#include "http/address.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

static bool is_ipv4(const struct address *address) {
    return memcmp(address->bytes, mapped, sizeof(mapped)) == 0;
}

struct address address_of(const struct sockaddr_storage *from) {
    struct address address = {0};
    if (from->ss_family == AF_INET6) {
        memcpy(address.bytes, &((const struct sockaddr_in6 *)from)->sin6_addr, ADDRESS_BYTES);
    } else if (from->ss_family == AF_INET) {
        memcpy(address.bytes, mapped, sizeof(mapped));
        memcpy(address.bytes + 12, &((const struct sockaddr_in *)from)->sin_addr, 4);
    }
    return address;
}

int address_port(const struct sockaddr_storage *from) {
    if (from->ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)from)->sin6_port);
    return ntohs(((const struct sockaddr_in *)from)->sin_port);
}

bool address_parse(const char *text, size_t len, struct address *address) {
    char copy[ADDRESS_TEXT];
    if (len == 0 || len >= sizeof(copy))
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (inet_pton(AF_INET6, copy, address->bytes) == 1)
        return true;
    memcpy(address->bytes, mapped, sizeof(mapped));
    return inet_pton(AF_INET, copy, address->bytes + 12) == 1;
}

void address_format(const struct address *address, char text[ADDRESS_TEXT]) {
    if (is_ipv4(address))
        inet_ntop(AF_INET, address->bytes + 12, text, ADDRESS_TEXT);
    else
        inet_ntop(AF_INET6, address->bytes, text, ADDRESS_TEXT);
}

struct address address_household(const struct address *address) {
    struct address household = *address;
    if (!is_ipv4(address))
        memset(household.bytes + 8, 0, 8);
    return household;
}

/* The digits of a decimal number of at most `max`, all of `text`; -1 for anything else. */
static int parse_number(const char *text, size_t len, int max) {
    int number = 0;
    if (len == 0 || len > 5)
        return -1;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        number = number * 10 + (text[i] - '0');
    }
    return number <= max ? number : -1;
}

static bool network_parse(const char *text, size_t len, struct network *network) {
    const char *slash = memchr(text, '/', len);
    size_t base = slash ? (size_t)(slash - text) : len;
    if (!address_parse(text, base, &network->base))
        return false;
    bool ipv4 = !memchr(text, ':', base);
    int bits = ipv4 ? 32 : 128;
    if (slash)
        bits = parse_number(slash + 1, len - base - 1, bits);
    network->bits = ipv4 ? bits + 96 : bits;
    return bits >= 0;
}

bool networks_parse(const char *text, struct networks *networks) {
    *networks = (struct networks){0};
    while (text && *(text += strspn(text, ", \t")) != '\0') {
        size_t len = strcspn(text, ", \t");
        if (networks->count == ADDRESS_NETWORKS ||
            !network_parse(text, len, &networks->items[networks->count]))
            return false;
        networks->count++;
        text += len;
    }
    return true;
}

static bool network_holds(const struct network *network, const struct address *address) {
    size_t whole = (size_t)network->bits / 8;
    int rest = network->bits % 8;
    if (memcmp(network->base.bytes, address->bytes, whole) != 0)
        return false;
    return rest == 0 || ((network->base.bytes[whole] ^ address->bytes[whole]) >> (8 - rest)) == 0;
}

bool networks_hold(const struct networks *networks, const struct address *address) {
    for (size_t i = 0; i < networks->count; i++)
        if (network_holds(&networks->items[i], address))
            return true;
    return false;
}

bool address_split_listener(const char *text, struct address *address, int *port) {
    const char *colon = strrchr(text, ':');
    if (!colon)
        return false;
    size_t len = (size_t)(colon - text);
    *port = parse_number(colon + 1, strlen(colon + 1), 65535);
    if (*port < 0)
        return false;
    bool bracketed = len > 2 && text[0] == '[' && text[len - 1] == ']';
    if (bracketed)
        return memchr(text, ':', len) && address_parse(text + 1, len - 2, address);
    return !memchr(text, ':', len) && address_parse(text, len, address);
}
