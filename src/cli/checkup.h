/* What `taller doctor` looks at, one function an area, each adding what it finds and what to do. */
#ifndef CLI_CHECKUP_H
#define CLI_CHECKUP_H

#include "base/arena.h"
#include "cli/option.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum finding_level { FINDING_GOOD, FINDING_WARNING, FINDING_ERROR };

struct finding {
    enum finding_level level;
    const char *area;   /* "database" */
    const char *what;   /* a sentence */
    const char *advice; /* a sentence; NULL for what is good */
};

struct checkup {
    const struct options *options;
    struct arena *arena;
    int64_t now;
    const char *data, *database, *backups; /* paths */
    bool has_database;                     /* there is a file */
    bool is_current; /* in this program's schema and not damaged: its rows can be asked */
    bool is_served;  /* a server holds the folder */
    struct finding *findings;
    size_t count;
};

void checkup_good(struct checkup *checkup, const char *area, const char *format, ...)
    PRINTF_LIKE(3, 4);
void checkup_warn(struct checkup *checkup, const char *area, const char *advice, const char *format,
                  ...) PRINTF_LIKE(4, 5);
void checkup_fault(struct checkup *checkup, const char *area, const char *advice,
                   const char *format, ...) PRINTF_LIKE(4, 5);

/* In this order. checkup_machine.c */
void checkup_configuration(struct checkup *checkup);
void checkup_folder(struct checkup *checkup);
void checkup_clock(struct checkup *checkup);
/* checkup_school.c */
void checkup_database(struct checkup *checkup);
void checkup_rows(struct checkup *checkup); /* books and mail that waits */
void checkup_backups(struct checkup *checkup);
int64_t checkup_patience(const struct checkup *checkup); /* seconds that a backup may be old */
/* checkup_offsite.c */
void checkup_offsite(struct checkup *checkup);
/* checkup_network.c */
void checkup_certificate(struct checkup *checkup);
void checkup_mail_server(struct checkup *checkup);
void checkup_address(struct checkup *checkup);
void checkup_server(struct checkup *checkup);

#endif
