/* Reads X-Forwarded-For and X-Forwarded-Proto. Only called for requests from trusted proxies. */
#include "http/proxy.h"
#include <string.h>
#include <strings.h>

/* Reads one entry: "1.2.3.4", "::1", and the forms with a port that some proxies write. */
static bool parse_entry(const char *text, size_t len, struct address *address) {
    while (len > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        len--;
    }
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    if (len > 0 && *text == '[') {
        const char *end = memchr(text, ']', len);
        return end && address_parse(text + 1, (size_t)(end - text - 1), address);
    }
    const char *colon = memchr(text, ':', len);
    if (colon && !memchr(colon + 1, ':', len - (size_t)(colon + 1 - text)))
        len = (size_t)(colon - text);
    return address_parse(text, len, address);
}

/* Walks one value from its end. True when `client` is settled: an untrusted address, or nonsense.
 */
static bool walk_back(const char *value, const struct networks *trusted, struct address *client) {
    const char *end = value + strlen(value);
    for (;;) {
        const char *comma = memrchr(value, ',', (size_t)(end - value));
        const char *entry = comma ? comma + 1 : value;
        struct address address;
        if (!parse_entry(entry, (size_t)(end - entry), &address))
            return true;
        *client = address;
        if (!networks_hold(trusted, &address))
            return true;
        if (!comma)
            return false;
        end = comma;
    }
}

struct address proxy_client(const struct head *head, const struct networks *trusted,
                            const struct address *peer) {
    struct address client = *peer;
    for (size_t i = head->count; i-- > 0;)
        if (strcasecmp(head->lines[i].name, "X-Forwarded-For") == 0 &&
            walk_back(head->lines[i].value, trusted, &client))
            break;
    return client;
}

bool proxy_is_secure(const struct head *head) {
    const char *last = NULL;
    for (size_t i = 0; i < head->count; i++)
        if (strcasecmp(head->lines[i].name, "X-Forwarded-Proto") == 0)
            last = head->lines[i].value;
    return !last || strcasecmp(last, "https") == 0;
}
