/* `taller serve`: opens the shop, the door and the clockwork, waits for signals, closes them in the
 * order that loses nothing. */
#include "analytics/analytics.h"
#include "analytics/analytics_sql.h"
#include "base/clock.h"
#include "base/confine.h"
#include "base/domain.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/folder.h"
#include "cli/lifecycle.h"
#include "http/server.h"
#include "net/smtp.h"
#include "shop/backup_clock.h"
#include "shop/restore.h"
#include "shop/shop.h"
#include "site/certificate.h"
#include "site/clockwork.h"
#include "site/mail.h"
#include "site/offsite.h"
#include "site/offsite_shelf.h"
#include "site/site.h"
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

/* Process 1 of a container takes all others with it: a `taller drain` in there gets this long to
 * tell that it is done. */
enum { FAREWELL_US = 200 * 1000, OPS_WORKERS = 8 };

/* Where the site is reached when nobody said: this machine, at the listener's port. */
static const char *base_url(const struct options *options, struct arena *arena) {
    const char *url = options->value[OPTION_BASE_URL];
    size_t length = strlen(url);
    if (length)
        return arena_strndup(arena, url, url[length - 1] == '/' ? length - 1 : length);
    const char *listener = options->value[OPTION_HTTPS];
    const char *port = strrchr(listener, ':');
    bool any = strncmp(listener, "0.0.0.0:", 8) == 0 || strncmp(listener, "[::]:", 5) == 0;
    if (!port)
        return "https://localhost";
    const char *shown = strcmp(port, ":443") == 0 ? "" : port;
    return any ? arena_printf(arena, "https://localhost%s", shown)
               : arena_printf(arena, "https://%.*s%s", (int)(port - listener), listener, shown);
}

/* "https://Shop.example.org:443" → "shop.example.org": the only Host answered. */
static const char *host_of(struct arena *arena, const char *url) {
    if (!*url)
        return NULL;
    const char *host = strstr(url, "://") + 3;
    char *lower = arena_strndup(arena, host, strcspn(host, "/"));
    for (char *p = lower; *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p + 'a' - 'A');
    return lower;
}

static struct server_options door(const struct options *options, struct arena *arena,
                                  struct site *site) {
    const char *const *value = options->value;
    return (struct server_options){
        .https = value[OPTION_HTTPS],
        .http = value[OPTION_HTTP],
        .cert_file = *value[OPTION_TLS_CERT] ? value[OPTION_TLS_CERT] : NULL,
        .key_file = *value[OPTION_TLS_KEY] ? value[OPTION_TLS_KEY] : NULL,
        .domain_file = *value[OPTION_DOMAIN]
                           ? arena_printf(arena, "%s/tls/domain.pem", value[OPTION_DATA])
                           : NULL,
        .tls_dir = arena_printf(arena, "%s/tls", value[OPTION_DATA]),
        .behind_proxy = *value[OPTION_BEHIND_PROXY] ? value[OPTION_BEHIND_PROXY] : NULL,
        .base_host = site->host,
        .workers = option_int(options, OPTION_WORKERS),
        .handle = site_handle,
        .refuse = site_refuse,
        .observe = site_observe,
        .ctx = site,
    };
}

/* That of the machines has workers of its own: whether the school lives, and how it goes, is told
 * also when every worker of the site is taken. */
static struct server_options machine_door(const struct options *options, struct site *site) {
    return (struct server_options){.ops = options->value[OPTION_OPS],
                                   .workers = OPS_WORKERS,
                                   .handle = site_handle,
                                   .refuse = site_refuse,
                                   .observe = site_observe,
                                   .ctx = site};
}

static void announce(const struct site *site, struct server *server, const struct server *ops,
                     bool obtains) {
    char fingerprint[96] = "";
    server_fingerprint(server, fingerprint, sizeof(fingerprint));
    fprintf(stderr, "Taller serves %s\n", site->shop.base_url);
    if (server_self_signed(server) && obtains)
        fprintf(stderr,
                "A certificate for %s is being obtained; until it is there a self-signed "
                "one serves.\n",
                site->shop.base_url);
    else if (server_self_signed(server))
        fprintf(stderr,
                "The certificate is self-signed: a browser warns once. Its SHA-256 fingerprint:\n"
                "%s\n",
                fingerprint);
    LOG_FIELDS(LOG_INFO, "serving", LOG_STR("url", site->shop.base_url),
               LOG_INT("https", server_port(server, LISTENER_HTTPS)),
               LOG_INT("http", server_port(server, LISTENER_HTTP)),
               LOG_INT("ops", ops ? server_port(ops, LISTENER_OPS) : 0),
               LOG_STR("fingerprint", fingerprint));
}

/* NULL without --domain, or when it cannot be done. */
static struct certificate *keep_certificate(const struct options *options, struct arena *arena,
                                            struct server *server) {
    const char *const *value = options->value;
    if (!*value[OPTION_DOMAIN])
        return NULL;
    const struct certificate_options wanted = {
        .names = value[OPTION_DOMAIN],
        .directory = value[OPTION_ACME_DIRECTORY],
        .email = value[OPTION_ACME_EMAIL],
        .ca_file = value[OPTION_CA_FILE],
        .dir = arena_printf(arena, "%s/tls", value[OPTION_DATA]),
    };
    struct certificate *certificate = certificate_start(&wanted, server);
    if (!certificate)
        log_error("certificate_thread", "reason", "the system gives no thread to obtain one");
    return certificate;
}

/* Options that contradict each other: a sentence, or NULL. */
static const char *contradiction(const struct options *options, struct arena *arena) {
    const char *const *value = options->value;
    struct s3_options s3;
    char error[256];
    if (command_s3(options, arena, &s3, error, sizeof(error)) == ERR_INVALID)
        return arena_strdup(arena, error);
    if (!*value[OPTION_DOMAIN])
        return NULL;
    if (*value[OPTION_TLS_CERT])
        return "--domain obtains a certificate, --tls-cert names one: only one of them can be.";
    return *value[OPTION_HTTPS] ? NULL : "--domain needs the TLS listener, but --https is off.";
}

static int serve(struct site *site, const struct options *options, struct arena *arena,
                 struct lifecycle *life) {
    const struct server_options listeners = door(options, arena, site);
    const struct server_options for_machines = machine_door(options, site);
    bool has_ops = *options->value[OPTION_OPS] != '\0';
    char error[512];
    struct server *server = server_start(&listeners, error, sizeof(error)), *ops = NULL;
    if (server)
        atomic_store(&site->server, server);
    if (server && has_ops)
        ops = server_start(&for_machines, error, sizeof(error));
    if (!server || (has_ops && !ops)) {
        server_stop(server);
        return command_fail("%s", error);
    }
    announce(site, server, ops, *options->value[OPTION_DOMAIN] != '\0');
    struct certificate *certificate = keep_certificate(options, arena, server);
    atomic_store(&site->certificate, certificate);
    lifecycle_serve(life, site, server, ops);
    certificate_stop(certificate);
    server_stop(ops); /* first: it tells of the other */
    server_stop(server);
    atomic_store(&site->certificate, NULL);
    certificate_destroy(certificate);
    return EXIT_DONE;
}

/* NULL without --s3, or when it cannot be done. */
static struct offsite *send_backups(struct site *site, const struct options *options,
                                    struct arena *arena) {
    struct offsite_options wanted = {.folder = site->backups, .rota = *site->backup_rota};
    char error[256];
    if (command_s3(options, arena, &wanted.s3, error, sizeof(error)) != OK)
        return NULL;
    if (!*options->value[OPTION_BACKUP_KEY])
        log_warn("backups_leave_unencrypted", "option", "TALLER_BACKUP_KEY");
    site->offsite_place = offsite_place(arena, &wanted.s3.place);
    struct offsite *offsite = offsite_start(&wanted);
    if (!offsite)
        log_error("offsite_thread", "reason", "the system gives no thread to send backups");
    return offsite;
}

static void keep_backups(struct site *site, const struct options *options, struct arena *arena) {
    struct backup_rota *rota = arena_alloc(arena, sizeof(*rota));
    (void)backup_rota_parse(options->value[OPTION_BACKUPS], rota); /* checked when it was read */
    struct backup_clock_options keep = {
        .database = arena_printf(arena, "%s/taller.db", options->value[OPTION_DATA]),
        .folder = site->backups,
        .key = options->value[OPTION_BACKUP_KEY],
        .rota = *rota};
    site->backup_rota = rota;
    site->offsite = send_backups(site, options, arena);
    keep.taken = site->offsite ? offsite_taken : NULL;
    keep.taken_arg = site->offsite;
    site->backup_clock = backup_clock_create(&keep, clock_now());
}

/* Subfolders may be links to other disks. A build for debugging has a dynamic loader, and could not
 * start itself for a picture. */
static void set_walls(const char *data, struct arena *arena, struct confinement *walls) {
    *walls = (struct confinement){0};
    if (getauxval(AT_BASE) != 0)
        return;
    const char *const folders[] = {data, arena_printf(arena, "%s/backups", data),
                                   arena_printf(arena, "%s/snapshot", data),
                                   arena_printf(arena, "%s/tls", data)};
    confine(folders, ARRAY_COUNT(folders), walls);
}

/* From here on it is ours alone; `mark` says so to others (folder_retire). */
static enum err take_folder(const char *data, struct arena *arena, struct confinement *walls,
                            int *mark, char *error, size_t error_size) {
    enum err err = folder_enter(data, error, error_size);
    if (!err)
        err = folder_lock(arena, data, error, error_size);
    if (err)
        return err;
    set_walls(data, arena, walls);
    restore_sweep(data);
    return folder_announce(arena, data, mark, error, error_size);
}

static enum err read_mail_options(const struct options *options, struct arena *arena,
                                  struct smtp_options *smtp, char *error, size_t error_size) {
    const char *const *value = options->value;
    enum err err = smtp_options_parse(smtp, arena, value[OPTION_SMTP], value[OPTION_SMTP_PASSWORD],
                                      value[OPTION_CA_FILE], error, error_size);
    if (!err && smtp->user && !smtp->password)
        log_warn("smtp_without_password", "option", "TALLER_SMTP_PASSWORD");
    return err;
}

int serve_run(const struct options *options, struct arena *arena) {
    /* Hundreds of threads that wait: one heap a thread would only be larger. */
    mallopt(M_ARENA_MAX, 2);
    struct lifecycle life;
    lifecycle_begin(&life, options);
    const char *why = contradiction(options, arena);
    if (why) {
        command_fail("%s", why);
        return EXIT_USAGE;
    }
    const char *data = options->value[OPTION_DATA];
    char error[512];
    int mark = -1;
    struct confinement walls = {0};
    enum err err = take_folder(data, arena, &walls, &mark, error, sizeof(error));
    struct smtp_options smtp = {0};
    bool mail = *options->value[OPTION_SMTP] != '\0';
    if (!err && mail)
        err = read_mail_options(options, arena, &smtp, error, sizeof(error));
    struct site *site = arena_alloc(arena, sizeof(*site));
    site->host = host_of(arena, options->value[OPTION_BASE_URL]);
    site->data = data;
    site->aliases = *options->value[OPTION_DOMAIN]
                        ? domain_list(arena, options->value[OPTION_DOMAIN], &site->alias_count)
                        : NULL;
    site->backups = arena_printf(arena, "%s/backups", data);
    site->smtp = mail ? &smtp : NULL;
    site->metrics_token = options->value[OPTION_METRICS_TOKEN];
    const struct shop_options shop = {.data = data,
                                      .base_url = base_url(options, arena),
                                      .render_mail = mail_render,
                                      .more_tables = analytics_tables,
                                      .more_table_count = analytics_table_count};
    if (!err)
        err = shop_open(&shop, &site->shop, error, sizeof(error));
    if (err)
        return command_fail("%s", error);
    LOG_FIELDS(LOG_INFO, "confined", LOG_INT("seccomp", walls.calls),
               LOG_INT("landlock", walls.landlock));
    site->analytics = analytics_create(site->shop.store, arena_printf(arena, "%s/snapshot", data),
                                       option_int(options, OPTION_ANALYTICS_THREADS));
    keep_backups(site, options, arena);
    site_open(site);
    struct clockwork *clockwork = clockwork_start(&site->shop, site->analytics, site->gauges,
                                                  site->backup_clock, mail ? &smtp : NULL);
    int status = clockwork ? serve(site, options, arena, &life)
                           : command_fail("the system gives no thread for mail and maintenance.");
    clockwork_stop(clockwork);
    offsite_stop(site->offsite);
    analytics_destroy(site->analytics);
    backup_clock_destroy(site->backup_clock);
    site_close(site);
    shop_close(&site->shop);
    clockwork_destroy(clockwork);
    if (status == EXIT_DONE)
        log_info("stopped", NULL, NULL);
    folder_retire(mark);
    if (getpid() == 1)
        usleep(FAREWELL_US);
    return status;
}
