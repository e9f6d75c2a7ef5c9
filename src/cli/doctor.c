/* `taller doctor`: everything that can be looked at without changing it, and what to do about it.
 */
#include "base/clock.h"
#include "base/log.h"
#include "cli/checkup.h"
#include "cli/command.h"
#include "cli/folder.h"
#include "cli/live.h"
#include <cJSON.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- findings -------------------------------------------------------------------------------- */

/* One sentence, whoever ended it. */
static void add(struct checkup *checkup, struct finding finding, const char *format, va_list args) {
    char text[1024];
    vsnprintf(text, sizeof(text), format, args);
    size_t length = strlen(text);
    while (length > 1 && text[length - 1] == '.' && text[length - 2] == '.')
        text[--length] = '\0';
    finding.what = arena_strdup(checkup->arena, text);
    checkup->findings =
        arena_grow(checkup->arena, checkup->findings, checkup->count, sizeof(*checkup->findings));
    checkup->findings[checkup->count++] = finding;
}

void checkup_good(struct checkup *checkup, const char *area, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add(checkup, (struct finding){.level = FINDING_GOOD, .area = area}, format, args);
    va_end(args);
}

void checkup_warn(struct checkup *checkup, const char *area, const char *advice, const char *format,
                  ...) {
    va_list args;
    va_start(args, format);
    add(checkup, (struct finding){.level = FINDING_WARNING, .area = area, .advice = advice}, format,
        args);
    va_end(args);
}

void checkup_fault(struct checkup *checkup, const char *area, const char *advice,
                   const char *format, ...) {
    va_list args;
    va_start(args, format);
    add(checkup, (struct finding){.level = FINDING_ERROR, .area = area, .advice = advice}, format,
        args);
    va_end(args);
}

/* ---- telling --------------------------------------------------------------------------------- */

static const struct {
    const char *word, *mark, *color;
} LEVELS[] = {
    [FINDING_GOOD] = {"ok", "✓", "\033[32m"},
    [FINDING_WARNING] = {"warning", "!", "\033[33m"},
    [FINDING_ERROR] = {"error", "✗", "\033[31m"},
};

static size_t count_of(const struct checkup *checkup, enum finding_level level) {
    size_t count = 0;
    for (size_t i = 0; i < checkup->count; i++)
        count += checkup->findings[i].level == level;
    return count;
}

static void print_text(const struct checkup *checkup) {
    bool colors = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
    for (size_t i = 0; i < checkup->count; i++) {
        const struct finding *finding = &checkup->findings[i];
        printf("%s%s%s %-13s  %s\n", colors ? LEVELS[finding->level].color : "",
               LEVELS[finding->level].mark, colors ? "\033[0m" : "", finding->area, finding->what);
        if (finding->advice)
            printf("  %-13s  → %s\n", "", finding->advice);
    }
    size_t errors = count_of(checkup, FINDING_ERROR), warnings = count_of(checkup, FINDING_WARNING);
    printf("\n%zu error%s, %zu warning%s.\n", errors, errors == 1 ? "" : "s", warnings,
           warnings == 1 ? "" : "s");
}

static void print_json(const struct checkup *checkup) {
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < checkup->count; i++) {
        const struct finding *finding = &checkup->findings[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "level", LEVELS[finding->level].word);
        cJSON_AddStringToObject(item, "area", finding->area);
        cJSON_AddStringToObject(item, "finding", finding->what);
        if (finding->advice)
            cJSON_AddStringToObject(item, "advice", finding->advice);
        cJSON_AddItemToArray(list, item);
    }
    char *text = cJSON_Print(list);
    puts(text ? text : "[]");
    cJSON_free(text);
    cJSON_Delete(list);
}

/* ---- the round ------------------------------------------------------------------------------- */

static int ask_live(const struct options *options, struct arena *arena) {
    char error[512];
    enum err err = live_ask(options->value[OPTION_OPS], arena, error, sizeof(error));
    if (err)
        return command_fail("%s", error);
    puts("ready");
    return EXIT_DONE;
}

static void look(struct checkup *checkup) {
    checkup_configuration(checkup);
    checkup_folder(checkup);
    checkup_clock(checkup);
    checkup_database(checkup);
    checkup_rows(checkup);
    checkup_backups(checkup);
    checkup_offsite(checkup);
    checkup_certificate(checkup);
    checkup_mail_server(checkup);
    checkup_address(checkup);
    checkup_server(checkup);
}

int doctor_run(const struct options *options, struct arena *arena) {
    log_setup(LOG_ERROR, LOG_TEXT);
    if (options->flag[FLAG_LIVE])
        return ask_live(options, arena);
    const char *data = options->value[OPTION_DATA];
    char error[512];
    struct checkup checkup = {.options = options,
                              .arena = arena,
                              .now = clock_now(),
                              .data = data,
                              .database = arena_printf(arena, "%s/taller.db", data),
                              .backups = arena_printf(arena, "%s/backups", data)};
    if (access(data, F_OK) == 0 && folder_enter(data, error, sizeof(error)) != OK)
        checkup_fault(&checkup, "folder", "Run this as its owner, or as root.", "%s", error);
    checkup.has_database = access(checkup.database, F_OK) == 0;
    checkup.is_served = access(data, F_OK) == 0 && folder_server(data) != FOLDER_NO_SERVER;
    look(&checkup);
    if (options->flag[FLAG_JSON])
        print_json(&checkup);
    else
        print_text(&checkup);
    return count_of(&checkup, FINDING_ERROR) ? EXIT_FAILED : EXIT_DONE;
}
