/* What is seen from outside: certificate, mail server, name and address, the running server. */
#include "cli/checkup.h"
#include "cli/live.h"
#include "http/tls_facts.h"
#include "net/resolve.h"
#include "net/smtp.h"
#include "net/tls.h"
#include "site/certificate.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DAY = 86400, END_WARNING_DAYS = 14, PATIENCE_MS = 10000, LINE = 8192 };

/* "https://shop.example.org:8443" in parts; NULL without one. */
static const char *base_host(struct checkup *checkup, int *port, bool *tls) {
    const char *url = checkup->options->value[OPTION_BASE_URL];
    if (!*url)
        return NULL;
    *tls = strncmp(url, "https://", 8) == 0;
    const char *host = strstr(url, "://") + 3;
    size_t length = strcspn(host, "/");
    const char *end = *host == '[' ? strchr(host, ']') : NULL;
    const char *colon = memchr(end ? end : host, ':', length - (size_t)((end ? end : host) - host));
    *port = colon ? (int)strtol(colon + 1, NULL, 10) : *tls ? 443 : 80;
    if (end)
        return arena_strndup(checkup->arena, host + 1, (size_t)(end - host) - 1);
    return arena_strndup(checkup->arena, host, colon ? (size_t)(colon - host) : length);
}

/* ---- the certificate ------------------------------------------------------------------------- */

static void judge_end(struct checkup *checkup, const char *file, const struct tls_facts *facts) {
    static const char ADVICE[] = "Renew it; the server takes up the new files by itself.";
    int64_t days = (facts->ends_at - checkup->now) / DAY;
    if (facts->begins_at > checkup->now)
        checkup_fault(checkup, "certificate", "Look at the clock, then at the certificate.",
                      "%s is not valid yet.", file);
    else if (facts->ends_at <= checkup->now)
        checkup_fault(checkup, "certificate", ADVICE, "%s is no longer valid.", file);
    else if (days < END_WARNING_DAYS)
        checkup_warn(checkup, "certificate", ADVICE, "%s ends in %" PRId64 " days.", file, days);
    else
        checkup_good(checkup, "certificate", "%s is valid for %" PRId64 " days.", file, days);
}

static void judge(struct checkup *checkup, const char *cert, const char *key) {
    struct tls_facts facts;
    char error[512];
    int port;
    bool tls;
    const char *host = base_host(checkup, &port, &tls);
    if (tls_facts_read(cert, key, host, &facts, error, sizeof(error)) != OK) {
        checkup_fault(checkup, "certificate", "Set --tls-cert and --tls-key to files that fit.",
                      "%s", error);
        return;
    }
    judge_end(checkup, cert, &facts);
    if (!facts.names_host)
        checkup_fault(checkup, "certificate", "Get one for that name.",
                      "%s is not for %s, the host of --base-url.", cert, host);
    if (facts.self_signed)
        checkup_warn(checkup, "certificate", "Get one from an authority that browsers trust.",
                     "%s is self-signed: browsers warn about it.", cert);
}

/* The authority's last word, as the server noted it. */
static void tell_last_try(struct checkup *checkup) {
    struct certificate_status status;
    certificate_read(arena_printf(checkup->arena, "%s/tls", checkup->data), &status);
    if (*status.error)
        checkup_warn(
            checkup, "certificate",
            status.limited ? "The server waits as long as the authority asked, then tries again."
                           : "Mend it and send the server SIGHUP: it tries again at once.",
            "The last try to obtain one failed (%d in a row): %s", status.failures, status.error);
}

void checkup_certificate(struct checkup *checkup) {
    const char *const *value = checkup->options->value;
    const char *obtained = arena_printf(checkup->arena, "%s/tls/domain.pem", checkup->data);
    if (!*value[OPTION_HTTPS])
        return;
    if (*value[OPTION_DOMAIN])
        tell_last_try(checkup);
    if (*value[OPTION_TLS_CERT])
        judge(checkup, value[OPTION_TLS_CERT], value[OPTION_TLS_KEY]);
    else if (*value[OPTION_DOMAIN] && access(obtained, F_OK) == 0)
        judge(checkup, obtained, obtained);
    else if (*value[OPTION_DOMAIN])
        checkup_warn(checkup, "certificate",
                     "Look into the server's log: the name has to lead here, ports 80 or 443 too.",
                     "None was obtained for %s yet: browsers warn about the self-signed one.",
                     value[OPTION_DOMAIN]);
    else
        checkup_warn(checkup, "certificate",
                     "Set --domain to obtain one, or --tls-cert and --tls-key to one of yours.",
                     "The certificate is self-signed: browsers warn about it.");
}

/* ---- mail ------------------------------------------------------------------------------------ */

void checkup_mail_server(struct checkup *checkup) {
    const char *const *value = checkup->options->value;
    struct smtp_options options;
    char error[512];
    if (!*value[OPTION_SMTP]) {
        checkup_warn(checkup, "mail", "Set --smtp and TALLER_SMTP_PASSWORD.",
                     "No mail server is set: mail waits.");
        return;
    }
    if (smtp_options_parse(&options, checkup->arena, value[OPTION_SMTP],
                           value[OPTION_SMTP_PASSWORD], value[OPTION_CA_FILE], error,
                           sizeof(error)) != OK) {
        checkup_fault(checkup, "mail", "Correct it.", "%s", error);
        return;
    }
    options.connect_ms = PATIENCE_MS;
    struct smtp *smtp = smtp_connect(&options, -1, error, sizeof(error));
    if (smtp)
        checkup_good(checkup, "mail", "%s:%d takes our mail.", options.host, options.port);
    else
        checkup_fault(checkup, "mail", "Correct --smtp or TALLER_SMTP_PASSWORD, or wait for it.",
                      "Mail cannot be handed over: %s", error);
    smtp_close(smtp);
}

/* ---- name and address ------------------------------------------------------------------------ */

/* Whoever answers 200 to everything (the page of a domain for sale) is not this school: it says so
 * in a line. A proxy may send the size of the line before it. */
static bool says_alive(struct tls *tls) {
    char line[LINE];
    do
        if (tls_read_line(tls, line, sizeof(line)) != OK)
            return false;
    while (*line);
    for (int lines = 0; lines < 2 && tls_read_line(tls, line, sizeof(line)) == OK; lines++)
        if (strcmp(line, "alive") == 0)
            return true;
    return false;
}

/* The status; 0 when there was no answer. */
static int ask_alive(struct tls *tls, const char *host, bool *is_ours) {
    char request[512], line[LINE];
    int length = snprintf(request, sizeof(request),
                          "GET /healthz HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", host);
    *is_ours = false;
    if (length >= (int)sizeof(request) || tls_write(tls, request, (size_t)length) != OK ||
        tls_read_line(tls, line, sizeof(line)) != OK || strncmp(line, "HTTP/1.1 ", 9) != 0)
        return 0;
    int status = (int)strtol(line + 9, NULL, 10);
    *is_ours = status == 200 && says_alive(tls);
    return status;
}

/* `place` is what findings call it. */
static void reach(struct checkup *checkup, const char *host, int port, bool secure,
                  const char *place) {
    const char *url = checkup->options->value[OPTION_BASE_URL];
    const char *ca_file = checkup->options->value[OPTION_CA_FILE];
    char error[512];
    struct tls *tls =
        tls_connect(host, port, deadline_in(PATIENCE_MS, 0, -1), error, sizeof(error));
    if (!tls) {
        checkup_fault(checkup, "address",
                      "If that is another machine, correct the name's A or AAAA record; else let "
                      "the port through the firewall and the router to this one.",
                      "%s is not reached: %s.", place, error);
        return;
    }
    if (secure && tls_start(tls, host, *ca_file ? ca_file : NULL, error, sizeof(error)) != OK) {
        checkup_warn(checkup, "address",
                     "If that is another machine, correct the name's A or AAAA record; else look "
                     "at the certificate.",
                     "%s is reached, but not trusted: %s.", place, error);
        tls_close(tls);
        return;
    }
    bool is_ours;
    int status = ask_alive(tls, strstr(url, "://") + 3, &is_ours);
    tls_close(tls);
    if (is_ours)
        checkup_good(checkup, "address", "%s answers.", url);
    else
        checkup_fault(checkup, "address",
                      "If that is another machine, correct the name's A or AAAA record; else see "
                      "which server listens there.",
                      "What answers at %s is not this school (%d).", place, status);
}

/* "https://taller.example.org, which leads to 192.0.2.7 and 2001:db8::7,"; without the addresses
 * where the URL has one itself. */
static const char *place_of(struct checkup *checkup, const char *host,
                            const struct addrinfo *list) {
    const char *url = checkup->options->value[OPTION_BASE_URL], *leads = "";
    for (const struct addrinfo *a = list; a; a = a->ai_next) {
        char address[64];
        if (getnameinfo(a->ai_addr, a->ai_addrlen, address, sizeof(address), NULL, 0,
                        NI_NUMERICHOST) == 0)
            leads = arena_printf(checkup->arena, "%s%s%s", leads, *leads ? " and " : "", address);
    }
    bool numeric = !*leads || strcmp(leads, host) == 0;
    return numeric ? url : arena_printf(checkup->arena, "%s, which leads to %s,", url, leads);
}

static void tell_unknown(struct checkup *checkup, enum err err, const char *error) {
    if (err == ERR_NOT_FOUND)
        checkup_fault(checkup, "address",
                      "Add an A or AAAA record for it where the domain is kept.",
                      "The name of --base-url leads nowhere: %s.", error);
    else
        checkup_fault(checkup, "address",
                      "See whether this machine reaches a name server (/etc/resolv.conf).",
                      "The name of --base-url cannot be looked up: %s.", error);
}

void checkup_address(struct checkup *checkup) {
    int port;
    bool secure;
    char error[512];
    struct addrinfo *list;
    const char *host = base_host(checkup, &port, &secure);
    if (!host)
        return;
    struct deadline deadline = deadline_in(PATIENCE_MS, 0, -1);
    enum err err = resolve_host(host, port, &deadline, &list, error, sizeof(error));
    if (err) {
        tell_unknown(checkup, err, error);
        return;
    }
    const char *place = place_of(checkup, host, list);
    freeaddrinfo(list);
    if (checkup->is_served)
        reach(checkup, host, port, secure, place);
    else
        checkup_good(checkup, "address", "%s has an address; no server runs to be reached.", host);
}

void checkup_server(struct checkup *checkup) {
    char error[512];
    if (!checkup->is_served) {
        checkup_warn(checkup, "server", "Start it: taller serve.", "No server runs on %s.",
                     checkup->data);
        return;
    }
    if (!*checkup->options->value[OPTION_OPS])
        return;
    if (live_ask(checkup->options->value[OPTION_OPS], checkup->arena, error, sizeof(error)) == OK)
        checkup_good(checkup, "server", "It runs and is ready.");
    else
        checkup_fault(checkup, "server", "See its log.", "It runs, but %s", error);
}
