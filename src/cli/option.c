/* The option table and the four places a value may come from. */
#include "cli/option.h"
#include "base/domain.h"
#include "base/email.h"
#include "base/seal.h"
#include "net/s3.h"
#include "net/url.h"
#include "shop/backup_shelf.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum type {
    TEXT,
    FOLDER,
    FILE_NAME,
    LISTENER,
    URL,
    ADDRESS,
    BUCKET,
    DOMAINS,
    EMAIL,
    COUNT,
    CHOICE,
    ROTA,
    SEAL_KEY
};

enum { CONF_BYTES = 64 * 1024 };

static const struct {
    const char *name, *argument;
    enum type type;
    const char *fallback, *help;
    int min, max;
    const char *choices; /* of CHOICE, separated by spaces */
    bool secret;
} TABLE[OPTIONS] = {
    [OPTION_DATA] = {"data", "DIR", FOLDER, "./data", "the data folder; created when missing"},
    [OPTION_HTTPS] = {"https", "ADDR:PORT", LISTENER, "0.0.0.0:8443", "TLS listener; empty: off"},
    [OPTION_HTTP] = {"http", "ADDR:PORT", LISTENER, "0.0.0.0:8080",
                     "redirects to HTTPS; serves the site itself only with --behind-proxy"},
    [OPTION_OPS] = {"ops", "ADDR:PORT", LISTENER, "127.0.0.1:9090",
                    "plain HTTP for machines: /metrics, /healthz, /readyz"},
    [OPTION_TLS_CERT] = {"tls-cert", "FILE", FILE_NAME, "",
                         "certificate chain, PEM; without it a self-signed one is made in tls/"},
    [OPTION_TLS_KEY] = {"tls-key", "FILE", FILE_NAME, "", "its private key, PEM"},
    [OPTION_DOMAIN] = {"domain", "NAME[,NAME]", DOMAINS, "",
                       "obtain and renew a certificate for these names; listens on 443 and 80 then "
                       "unless told otherwise"},
    [OPTION_ACME_DIRECTORY] = {"acme-directory", "URL", ADDRESS,
                               "https://acme-v02.api.letsencrypt.org/directory",
                               "the certificate authority for --domain"},
    [OPTION_ACME_EMAIL] = {"acme-email", "ADDRESS", EMAIL, "", "where that authority may write to"},
    [OPTION_BEHIND_PROXY] = {"behind-proxy", "CIDR", TEXT, "",
                             "trust X-Forwarded-For and -Proto from these addresses only"},
    [OPTION_BASE_URL] = {"base-url", "URL", URL, "",
                         "address of the site for links in mail, like https://shop.example.org"},
    [OPTION_SMTP] = {"smtp", "URL", TEXT, "",
                     "mail server: smtp://user@host:587 or smtps://; empty: mail waits"},
    [OPTION_SMTP_PASSWORD] = {"smtp-password", NULL, TEXT, "", "password for --smtp",
                              .secret = true},
    [OPTION_CA_FILE] = {"ca-file", "FILE", FILE_NAME, "",
                        "certificate authorities for outgoing TLS; empty: the built-in ones"},
    [OPTION_METRICS_TOKEN] = {"metrics-token", NULL, TEXT, "",
                              "bearer token that opens /metrics on the public listener",
                              .secret = true},
    [OPTION_BACKUPS] = {"backups", "H,D,W", ROTA, "24,7,5",
                        "hourly, daily and weekly backups kept in backups/; 0,0,0: none is made"},
    [OPTION_BACKUP_KEY] = {"backup-key", NULL, SEAL_KEY, "",
                           "encrypts backups: 64 hexadecimal digits, or a passphrase",
                           .secret = true},
    [OPTION_S3] = {"s3", "URL", BUCKET, "",
                   "S3-compatible storage for copies of backups: https://host/bucket/folder"},
    [OPTION_S3_REGION] = {"s3-region", "NAME", TEXT, "us-east-1", "region of --s3"},
    [OPTION_S3_ACCESS_KEY] = {"s3-access-key", NULL, TEXT, "", "key id for --s3", .secret = true},
    [OPTION_S3_SECRET_KEY] = {"s3-secret-key", NULL, TEXT, "", "secret key for --s3",
                              .secret = true},
    [OPTION_WORKERS] = {"workers", "N", COUNT, "256", "connections served at a time", 4, 4096},
    [OPTION_ANALYTICS_THREADS] = {"analytics-threads", "N", COUNT, "0",
                                  "threads of the analytics pool; 0: one a core", 0, 256},
    [OPTION_DRAIN_SECONDS] = {"drain-seconds", "N", COUNT, "25",
                              "how long requests at work may take to finish when the server ends",
                              0, 3600},
    [OPTION_LOG_LEVEL] = {"log-level", "LEVEL", CHOICE, "info", "error, warn, info or debug",
                          .choices = "error warn info debug"},
    [OPTION_LOG_FORMAT] = {"log-format", "FORMAT", CHOICE, "",
                           "text or json; empty: text on a terminal, else json",
                           .choices = "text json"},
};

static const char *const FLAG_NAMES[FLAGS] = {
    [FLAG_OWNER] = "owner",       [FLAG_MANAGER] = "manager",
    [FLAG_DESK] = "desk",         [FLAG_INSTRUCTOR] = "instructor",
    [FLAG_IF_EMPTY] = "if-empty", [FLAG_JSON] = "json",
    [FLAG_LICENSES] = "licenses", [FLAG_LIVE] = "live",
    [FLAG_VERIFY] = "verify",     [FLAG_YES] = "yes",
};

static bool choice_known(const char *choices, const char *value) {
    size_t length = strlen(value);
    for (const char *p = choices; *p; p += strspn(p, " ")) {
        size_t word = strcspn(p, " ");
        if (word == length && memcmp(p, value, length) == 0)
            return true;
        p += word;
    }
    return false;
}

static bool listener_valid(const char *value) {
    const char *colon = strrchr(value, ':');
    if (!colon || colon == value || strchr(value, ' '))
        return false;
    char *end;
    long port = strtol(colon + 1, &end, 10);
    return isdigit((unsigned char)colon[1]) && !*end && port >= 0 && port <= 65535;
}

static bool url_valid(const char *value) {
    if (strncmp(value, "https://", 8) != 0 && strncmp(value, "http://", 7) != 0)
        return false;
    const char *host = strstr(value, "://") + 3;
    size_t length = strcspn(host, "/?#@ ");
    return length > 0 && host[length] == '\0';
}

static bool domains_valid(const char *value) {
    struct arena *arena = arena_create();
    size_t count;
    bool valid = domain_list(arena, value, &count) != NULL;
    arena_destroy(arena);
    return valid;
}

static bool bucket_valid(const char *value) {
    struct arena *arena = arena_create();
    struct s3_place place;
    bool valid = s3_place_parse(&place, arena, value);
    arena_destroy(arena);
    return valid;
}

/* NULL when the value will do, else what was expected. */
static const char *check(enum option option, const char *value) {
    if (!*value)
        return option == OPTION_DATA ? "a folder" : NULL;
    switch (TABLE[option].type) {
    case TEXT:
    case FOLDER:
    case FILE_NAME:
        return NULL;
    case LISTENER:
        return listener_valid(value) ? NULL : "an address and a port like 127.0.0.1:8443";
    case URL:
        return url_valid(value) ? NULL : "an address like https://shop.example.org, without a path";
    case ADDRESS: {
        struct url url;
        return url_parse(&url, value) == OK ? NULL : "an address like https://host/path";
    }
    case BUCKET:
        return bucket_valid(value) ? NULL : "an address like https://host/bucket/folder";
    case DOMAINS:
        return domains_valid(value) ? NULL
                                    : "names of hosts, each once, like shop.example.org (other "
                                      "letters as xn--…, no wildcards, no numbers)";
    case EMAIL:
        return email_valid(value) ? NULL : "an address like you@school.example";
    case CHOICE:
        return choice_known(TABLE[option].choices, value) ? NULL : TABLE[option].choices;
    case ROTA: {
        struct backup_rota rota;
        return backup_rota_parse(value, &rota) ? NULL : "three numbers like 24,7,5";
    }
    case SEAL_KEY:
        return seal_key_valid(value) ? NULL : "64 hexadecimal digits or at least 12 characters";
    case COUNT: {
        char *end;
        long number = strtol(value, &end, 10);
        bool fits = isdigit((unsigned char)*value) && !*end && number >= TABLE[option].min &&
                    number <= TABLE[option].max;
        return fits ? NULL : "a whole number in its range (see 'taller help serve')";
    }
    }
    return NULL;
}

static int find_option(const char *name, size_t length) {
    for (int i = 0; i < OPTIONS; i++)
        if (strlen(TABLE[i].name) == length && memcmp(TABLE[i].name, name, length) == 0)
            return i;
    return -1;
}

static int find_flag(const char *name) {
    for (int i = 0; i < FLAGS; i++)
        if (strcmp(FLAG_NAMES[i], name) == 0)
            return i;
    return -1;
}

static void set(struct options *options, int option, const char *value, const char *source) {
    options->value[option] = value;
    options->source[option] = source;
}

/* Takes --name value, --name=value and --flag; what remains are arguments. */
static enum err read_flags(struct options *options, int argc, char **argv, char *error,
                           size_t error_size) {
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        if (strncmp(word, "--", 2) != 0 || !word[2]) {
            options->arguments[options->argument_count++] = word;
            continue;
        }
        const char *name = word + 2, *equals = strchr(name, '=');
        int flag = equals ? -1 : find_flag(name);
        if (flag >= 0) {
            options->flag[flag] = true;
            continue;
        }
        int option = find_option(name, equals ? (size_t)(equals - name) : strlen(name));
        if (option < 0) {
            snprintf(error, error_size, "%s is not an option; see 'taller help'.", word);
            return ERR_INVALID;
        }
        if (TABLE[option].secret) {
            snprintf(error, error_size,
                     "--%s is a secret and is never taken from a flag; set it in the environment "
                     "or in taller.conf.",
                     TABLE[option].name);
            return ERR_INVALID;
        }
        if (!equals && i + 1 == argc) {
            snprintf(error, error_size, "--%s needs a value: %s.", name, TABLE[option].argument);
            return ERR_INVALID;
        }
        set(options, option, equals ? equals + 1 : argv[++i], "flag");
    }
    return OK;
}

static void read_environment(struct options *options, struct arena *arena) {
    for (int i = 0; i < OPTIONS; i++) {
        char *name = arena_printf(arena, "TALLER_%s", TABLE[i].name);
        for (char *p = name; *p; p++)
            *p = *p == '-' ? '_' : (char)toupper((unsigned char)*p);
        const char *value = getenv(name);
        if (value && !options->source[i])
            set(options, i, value, "environment");
    }
}

static const char CONF[] = "taller.conf";

/* One "name = value" a line, each name once; '#' begins a remark. */
static enum err read_line(struct options *options, struct arena *arena, char *line, int number,
                          char *error, size_t error_size) {
    line += strspn(line, " \t");
    if (!*line || *line == '#')
        return OK;
    char *equals = strchr(line, '=');
    size_t length = equals ? (size_t)(equals - line) : 0;
    while (length && isspace((unsigned char)line[length - 1]))
        length--;
    int option = equals ? find_option(line, length) : -1;
    if (option < 0 || option == OPTION_DATA) {
        snprintf(error, error_size, "taller.conf, line %d: not an option: %.40s", number, line);
        return ERR_INVALID;
    }
    char *value = equals + 1 + strspn(equals + 1, " \t");
    size_t end = strlen(value);
    while (end && isspace((unsigned char)value[end - 1]))
        end--;
    if (!options->source[option]) {
        set(options, option, arena_strndup(arena, value, end), CONF);
    } else if (strcmp(options->source[option], CONF) == 0) {
        snprintf(error, error_size, "taller.conf, line %d: %s has a value further up already",
                 number, TABLE[option].name);
        return ERR_INVALID;
    }
    return OK;
}

static enum err read_conf(struct options *options, struct arena *arena, char *error,
                          size_t error_size) {
    const char *path = arena_printf(arena, "%s/taller.conf", options->value[OPTION_DATA]);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 && (errno == ENOENT || errno == ENOTDIR))
        return OK;
    char *text = arena_alloc(arena, CONF_BYTES + 1);
    ssize_t length = file < 0 ? -1 : read(file, text, CONF_BYTES);
    if (length < 0) {
        snprintf(error, error_size, "%s cannot be read: %s.", path, strerror(errno));
        if (file >= 0)
            close(file);
        return ERR_IO;
    }
    close(file);
    int number = 1;
    for (char *line = text, *next; line; line = next, number++) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        enum err err = read_line(options, arena, line, number, error, error_size);
        if (err)
            return err;
    }
    return OK;
}

/* What a domain says of the rest: an authority knocks at 443 and 80, and links lead there. */
static void derive(struct options *options, struct arena *arena) {
    size_t count;
    const char **names = *options->value[OPTION_DOMAIN]
                             ? domain_list(arena, options->value[OPTION_DOMAIN], &count)
                             : NULL;
    if (!names)
        return;
    const struct {
        enum option option;
        const char *value;
    } derived[] = {{OPTION_HTTPS, "0.0.0.0:443"},
                   {OPTION_HTTP, "0.0.0.0:80"},
                   {OPTION_BASE_URL, arena_printf(arena, "https://%s", names[0])}};
    for (size_t i = 0; i < ARRAY_COUNT(derived); i++)
        if (strcmp(options->source[derived[i].option], "default") == 0)
            set(options, (int)derived[i].option, derived[i].value, "--domain");
}

/* The last two places a value comes from, and whether all values will do. */
static enum err settle(struct options *options, struct arena *arena, char *error,
                       size_t error_size) {
    enum err err = read_conf(options, arena, error, error_size);
    if (err)
        return err;
    for (int i = 0; i < OPTIONS; i++) {
        if (!options->source[i])
            set(options, i, TABLE[i].fallback, "default");
        const char *expected = check((enum option)i, options->value[i]);
        if (expected) {
            snprintf(error, error_size, "--%s (from %s) is '%.60s'; expected %s.", TABLE[i].name,
                     options->source[i], TABLE[i].secret ? "…" : options->value[i], expected);
            return ERR_INVALID;
        }
    }
    derive(options, arena);
    return OK;
}

enum err option_read(struct options *options, struct arena *arena, int argc, char **argv,
                     char *error, size_t error_size) {
    *options = (struct options){0};
    options->arguments = arena_array(arena, (size_t)argc + 1, sizeof(*options->arguments));
    enum err err = read_flags(options, argc, argv, error, error_size);
    if (err)
        return err;
    read_environment(options, arena);
    if (!options->source[OPTION_DATA])
        set(options, OPTION_DATA, TABLE[OPTION_DATA].fallback, "default");
    return settle(options, arena, error, error_size);
}

/* What was said at the start holds as long as the program; NULL: it is asked for again. */
static const char *source_kept(enum option option, const char *source) {
    bool given = strcmp(source, "flag") == 0 || strcmp(source, "environment") == 0;
    return given || option == OPTION_DATA ? source : NULL;
}

enum err option_reload(struct options *options, struct arena *arena, char *error,
                       size_t error_size) {
    for (int i = 0; i < OPTIONS; i++)
        options->source[i] = source_kept((enum option)i, options->source[i]);
    return settle(options, arena, error, error_size);
}

bool option_known(const char *name) {
    return find_option(name, strlen(name)) >= 0;
}

int option_int(const struct options *options, enum option option) {
    return (int)strtol(options->value[option], NULL, 10);
}

void option_usage(struct buf *out) {
    for (int i = 0; i < OPTIONS; i++) {
        char left[48];
        if (TABLE[i].secret)
            snprintf(left, sizeof(left), "(environment only)");
        else
            snprintf(left, sizeof(left), "--%s %s", TABLE[i].name, TABLE[i].argument);
        buf_printf(out, "  %-28s %s", left, TABLE[i].help);
        if (*TABLE[i].fallback)
            buf_printf(out, " (default %s)", TABLE[i].fallback);
        if (TABLE[i].secret) {
            buf_puts(out, ": TALLER_");
            for (const char *p = TABLE[i].name; *p; p++)
                buf_putc(out, *p == '-' ? '_' : (char)toupper((unsigned char)*p));
        }
        buf_putc(out, '\n');
    }
}

void option_print(const struct options *options, struct buf *out) {
    for (int i = 0; i < OPTIONS; i++) {
        const char *value = options->value[i];
        if (TABLE[i].secret && *value)
            value = "(set, not shown)";
        buf_printf(out, "%-18s %-28s %s\n", TABLE[i].name, *value ? value : "(empty)",
                   options->source[i]);
    }
}
