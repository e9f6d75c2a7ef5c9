/* taller.conf: it is refused with a sentence, or every option has a value, and none that is secret
 * is ever printed. */
#include "base/arena.h"
#include "cli/option.h"
#include "fuzz.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64], file[80];

static void remove_folder(void) {
    unlink(file);
    rmdir(folder);
}

static void open_folder(void) {
    snprintf(folder, sizeof(folder), "/tmp/taller-fuzz-%d", (int)getpid());
    snprintf(file, sizeof(file), "%s/taller.conf", folder);
    PROMISE(mkdir(folder, 0700) == 0);
    atexit(remove_folder);
}

/* A new file each time: ext4 writes one out that is cut to nothing and filled again. */
static void write_conf(const uint8_t *data, size_t size) {
    unlink(file);
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    PROMISE(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    close(fd);
}

/* A secret that somebody wrote elsewhere too is none. */
static bool is_elsewhere(const struct options *options, enum option secret) {
    for (int i = 0; i < OPTIONS; i++)
        if (i != (int)secret && strstr(options->value[i], options->value[secret]))
            return true;
    return false;
}

static void check_values(const struct options *options) {
    static const enum option SECRETS[] = {OPTION_SMTP_PASSWORD, OPTION_METRICS_TOKEN,
                                          OPTION_BACKUP_KEY, OPTION_S3_SECRET_KEY};
    struct buf out = {0};
    for (int i = 0; i < OPTIONS; i++)
        PROMISE(options->value[i] && options->source[i]);
    option_print(options, &out);
    for (size_t i = 0; i < ARRAY_COUNT(SECRETS); i++) {
        const char *secret = options->value[SECRETS[i]];
        bool is_told = strstr(buf_text(&out), secret) != NULL;
        PROMISE(strlen(secret) < 16 || is_elsewhere(options, SECRETS[i]) || !is_told);
    }
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *words[] = {(char *)"--data", folder};
    struct options options;
    char error[512] = "";
    if (!*folder)
        open_folder();
    write_conf(data, size);
    struct arena *arena = arena_create();
    if (option_read(&options, arena, 2, words, error, sizeof(error)) == OK) {
        check_values(&options);
        (void)(option_reload(&options, arena, error, sizeof(error)) == OK);
    } else {
        PROMISE(*error);
    }
    arena_destroy(arena);
    return 0;
}
