/* Takes a URL apart. */
#include "net/url.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a URI may consist of (RFC 3986, 2), without '#' and the brackets. */
static bool characters_fit(const char *text) {
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr("-._~:/?@!$&'()*+,;=%", *text))
            return false;
    return true;
}

static bool host_fits(const char *host, size_t length, const char *extra) {
    if (length < 1 || length >= URL_HOST_MAX)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)host[i]) && !strchr(extra, host[i]))
            return false;
    return true;
}

/* Copies the host in lower case; answers what follows it, or NULL. */
static const char *take_host(struct url *url, const char *at) {
    bool six = *at == '[';
    const char *end = six ? strchr(at, ']') : at + strcspn(at, ":/?");
    const char *host = six ? at + 1 : at;
    if (!end || !host_fits(host, (size_t)(end - host), six ? ":." : "-."))
        return NULL;
    for (size_t i = 0; host + i < end; i++)
        url->host[i] = (char)tolower((unsigned char)host[i]);
    return six ? end + 1 : end;
}

/* ":8443" or nothing. */
static const char *take_port(struct url *url, const char *at) {
    url->port = url->secure ? 443 : 80;
    if (*at != ':')
        return at;
    size_t digits = strspn(at + 1, "0123456789");
    if (digits < 1 || digits > 5)
        return NULL;
    url->port = (int)strtol(at + 1, NULL, 10);
    return url->port >= 1 && url->port <= 65535 ? at + 1 + digits : NULL;
}

static void write_authority(struct url *url) {
    bool six = strchr(url->host, ':') != NULL;
    char port[8] = "";
    if (url->port != (url->secure ? 443 : 80))
        snprintf(port, sizeof(port), ":%d", url->port);
    snprintf(url->authority, sizeof(url->authority), "%s%s%s%s", six ? "[" : "", url->host,
             six ? "]" : "", port);
}

enum err url_parse(struct url *url, const char *text) {
    *url = (struct url){.secure = strncmp(text, "https://", 8) == 0};
    if ((!url->secure && strncmp(text, "http://", 7) != 0) || strlen(text) >= URL_MAX)
        return ERR_INVALID;
    const char *at = take_host(url, text + (url->secure ? 8 : 7));
    at = at ? take_port(url, at) : NULL;
    if (!at || (*at && *at != '/' && *at != '?') || !characters_fit(at))
        return ERR_INVALID;
    snprintf(url->target, sizeof(url->target), "%s%s", *at == '/' ? "" : "/", at);
    write_authority(url);
    return OK;
}
