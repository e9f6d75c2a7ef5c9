/* `taller demo`: fills an empty data folder with a believable school, or makes one large. */
#include "shop/demo.h"
#include "base/clock.h"
#include "cli/command.h"
#include "cli/folder.h"
#include "http/asset.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void write_accounts(struct buf *out, const struct demo_accounts *accounts) {
    for (size_t i = 0; i < ARRAY_COUNT(accounts->items); i++)
        buf_printf(out, "%-11s %-32s %s\n", accounts->items[i].what, accounts->items[i].email,
                   accounts->items[i].password);
}

static bool save(const char *path, const struct buf *text) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        return false;
    bool written = write(file, text->data, text->len) == (ssize_t)text->len && fsync(file) == 0;
    return close(file) == 0 && written;
}

/* What prepares a machine again and again (an init container, a script) fills only once. */
static int fill(const char *data, bool if_empty, struct arena *arena) {
    struct shop shop;
    if (folder_open_shop(data, &shop) != OK)
        return EXIT_FAILED;
    struct demo_accounts accounts;
    enum err err = demo_fill(&shop, asset_bytes, clock_now(), &accounts);
    shop_close(&shop);
    if (err == ERR_REFUSED && if_empty) {
        printf("%s holds a school already; it is left as it is.\n", data);
        return EXIT_DONE;
    }
    if (err == ERR_REFUSED)
        return command_fail("the data folder %s is not empty; a demonstration needs a folder of "
                            "its own.",
                            data);
    if (err)
        return command_fail("the demonstration could not be written to %s.", data);
    struct buf text = {0};
    write_accounts(&text, &accounts);
    const char *path = arena_printf(arena, "%s/demo-accounts.txt", data);
    bool saved = save(path, &text);
    if (saved)
        printf("Filled %s with a demonstration school. Its accounts, also in %s:\n\n%s", data, path,
               buf_text(&text));
    buf_free(&text);
    return saved ? EXIT_DONE : command_fail("%s cannot be written: %s.", path, strerror(errno));
}

static bool read_count(const char *text, int64_t *out) {
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 9 || text[digits])
        return false;
    *out = strtoll(text, NULL, 10);
    return true;
}

static int grow(const char *data, const struct options *options) {
    int64_t workshops, inscriptions;
    if (options->argument_count != 3 || strcmp(options->arguments[0], "grow") != 0 ||
        !read_count(options->arguments[1], &workshops) ||
        !read_count(options->arguments[2], &inscriptions)) {
        command_fail("usage: taller demo grow WORKSHOPS INSCRIPTIONS, both whole numbers.");
        return EXIT_USAGE;
    }
    struct shop shop;
    if (folder_open_shop(data, &shop) != OK)
        return EXIT_FAILED;
    enum err err = demo_grow(&shop, clock_now(), workshops, inscriptions);
    shop_close(&shop);
    if (err == ERR_REFUSED)
        return command_fail("the data folder %s is not a demonstration; a real school is not "
                            "filled with made-up families.",
                            data);
    return err ? command_fail("the rows could not all be written to %s.", data) : EXIT_DONE;
}

int demo_run(const struct options *options, struct arena *arena) {
    const char *data = options->value[OPTION_DATA];
    bool if_empty = options->flag[FLAG_IF_EMPTY];
    if (options->argument_count && if_empty) {
        command_fail("--if-empty goes with filling, not with 'grow'.");
        return EXIT_USAGE;
    }
    return options->argument_count ? grow(data, options) : fill(data, if_empty, arena);
}
