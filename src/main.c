/* argv to a command. What each command does lives in cli/. */
#include "base/cores.h"
#include "base/secret.h"
#include "cli/command.h"
#include "shop/picture_worker.h"
#include <nss.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FLAG(name) (1U << FLAG_##name)

static const struct command COMMANDS[] = {
    {.name = "serve", .arguments = "", .help = "serves the site until SIGTERM", .run = serve_run},
    {.name = "drain",
     .arguments = "",
     .help = "tells the running server to end and waits until it has drained",
     .run = drain_run,
     .more = "  Nothing at work is cut short before --drain-seconds are over.\n"},
    {.name = "demo",
     .arguments = "[--if-empty] [grow WORKSHOPS INSCRIPTIONS]",
     .help = "fills an empty data folder with a demonstration school",
     .run = demo_run,
     .max_arguments = 3,
     .flags = FLAG(IF_EMPTY),
     .more =
         "  --if-empty   a folder with a school in it is left as it is, and that is no failure\n"
         "  grow         for load tests: adds that many workshops and inscriptions to one\n"},
    {.name = "account",
     .arguments = "create|password|role|disable EMAIL",
     .help = "manages accounts from the shell",
     .run = account_run,
     .min_arguments = 2,
     .max_arguments = 2,
     .flags = FLAG(OWNER) | FLAG(MANAGER) | FLAG(DESK) | FLAG(INSTRUCTOR),
     .more = "  --owner --manager --desk --instructor   the staff role; none: a family\n"
             "  The password is asked on the terminal, or read as one line from standard input.\n"},
    {.name = "analytics",
     .arguments = "[--json]",
     .help = "refreshes the snapshot, runs every report, prints them",
     .run = analytics_run,
     .flags = FLAG(JSON)},
    {.name = "backup",
     .arguments = "FILE",
     .help = "makes a consistent copy of the whole school, also while it is served",
     .run = backup_run,
     .min_arguments = 1,
     .max_arguments = 1,
     .more = "  FILE is made, never replaced; its date, SHA-256 and row counts go beside it into\n"
             "  FILE.json. With TALLER_BACKUP_KEY set it is encrypted.\n"},
    {.name = "backups",
     .arguments = "",
     .help = "lists the backups there are, here and at --s3",
     .run = backups_run},
    {.name = "restore",
     .arguments = "FILE|s3:NAME|s3:latest [--verify]",
     .help = "puts a backup in the place of the database, once it is checked",
     .run = restore_command,
     .min_arguments = 1,
     .max_arguments = 1,
     .flags = FLAG(VERIFY),
     .more =
         "  FILE is copied beside the database, opened, brought to this version's schema and\n"
         "  checked: its SHA-256 and row counts against FILE.json, its integrity, its references,\n"
         "  its books (money, seats, receipts). Then it takes the database's place; the one that\n"
         "  was there is kept in backups/. Damage is refused, what is only doubtful is told.\n"
         "  Stop the server first. An encrypted FILE needs TALLER_BACKUP_KEY.\n"
         "  s3:NAME is fetched from --s3 into backups/ first, s3:latest the newest one there;\n"
         "  'taller backups' lists them.\n\n"
         "  --verify   what is doubtful is refused too: no FILE.json, broken references or books\n"},
    {.name = "rollback",
     .arguments = "[--yes]",
     .help = "lists what came since the last upgrade, and returns to before it when told to",
     .run = rollback_command,
     .flags = FLAG(YES),
     .more =
         "  Orders made or paid since the copy that the upgrade made (backups/before-migration-…)\n"
         "  are listed and written to backups/orders-since-….csv, so that they can be entered\n"
         "  again. Without --yes nothing else happens. Run it with the newer program.\n\n"
         "  --yes   the copy takes the database's place, for the older program to be started;\n"
         "          the database of now is kept in backups/. Stop the server first.\n"},
    {.name = "doctor",
     .arguments = "[--json] [--live]",
     .help = "looks at everything that keeps a school running, and says what to do",
     .run = doctor_run,
     .flags = FLAG(LIVE) | FLAG(JSON),
     .more =
         "  Configuration, folder and disk, clock, database, books (money, seats, papers), mail,\n"
         "  backups, certificate, name and address. Changes nothing. Status 1 for errors, never\n"
         "  for warnings. Give it the options the server is given.\n"
         "  --json   the findings for other programs: level, area, finding, advice\n"
         "  --live   only asks the running server whether it is ready: status 0 if it is\n"},
    {.name = "config",
     .arguments = "",
     .help = "prints every option, its value and where it came from",
     .run = config_run},
    {.name = "version",
     .arguments = "[--licenses]",
     .help = "prints versions, and the notices of the libraries linked in",
     .run = version_run,
     .flags = FLAG(LICENSES)},
};

int command_fail(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("taller: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return EXIT_FAILED;
}

static const struct command *find(const char *name) {
    for (size_t i = 0; i < ARRAY_COUNT(COMMANDS); i++)
        if (strcmp(COMMANDS[i].name, name) == 0)
            return &COMMANDS[i];
    return NULL;
}

static void print_usage(FILE *out) {
    fputs("usage: taller COMMAND [OPTIONS]\n\nCommands:\n", out);
    for (size_t i = 0; i < ARRAY_COUNT(COMMANDS); i++)
        fprintf(out, "  %-10s %s\n", COMMANDS[i].name, COMMANDS[i].help);
    fputs("  help       prints this, or 'help COMMAND' for one\n\nOptions:\n", out);
    struct buf options = {0};
    option_usage(&options);
    fputs(buf_text(&options), out);
    buf_free(&options);
    fputs(
        "\nAn option is taken from its flag, else from TALLER_NAME in the environment, else from\n"
        "taller.conf in the data folder (name = value).\n",
        out);
}

static int help(int argc, char **argv) {
    const struct command *command = argc > 0 ? find(argv[0]) : NULL;
    if (argc > 0 && !command) {
        command_fail("there is no command '%s'; see 'taller help'.", argv[0]);
        return EXIT_USAGE;
    }
    if (!command) {
        print_usage(stdout);
        return EXIT_DONE;
    }
    printf("usage: taller %s %s\n\n%s.\n%s\nOptions:\n", command->name, command->arguments,
           command->help, command->more ? command->more : "");
    struct buf options = {0};
    option_usage(&options);
    fputs(buf_text(&options), stdout);
    buf_free(&options);
    return EXIT_DONE;
}

static bool fits(const struct command *command, const struct options *options, char *error,
                 size_t size) {
    for (unsigned i = 0; i < FLAGS; i++) {
        if (options->flag[i] && !(command->flags & 1U << i)) {
            snprintf(error, size, "'%s' does not take that flag; see 'taller help %s'.",
                     command->name, command->name);
            return false;
        }
    }
    if (options->argument_count < command->min_arguments ||
        options->argument_count > command->max_arguments) {
        snprintf(error, size, "usage: taller %s %s", command->name, command->arguments);
        return false;
    }
    return true;
}

static int run(const struct command *command, struct arena *arena, int argc, char **argv) {
    struct options options;
    char error[512];
    enum err err = option_read(&options, arena, argc, argv, error, sizeof(error));
    if (err || !fits(command, &options, error, sizeof(error))) {
        command_fail("%s", error);
        return err == ERR_IO ? EXIT_FAILED : EXIT_USAGE;
    }
    /* Whoever waits for a password to be hashed holds a worker: an eighth is left for pages. */
    int workers = option_int(&options, OPTION_WORKERS);
    if (secret_setup(cores_count(), workers - workers / 8 - 1) != OK)
        return command_fail("the system gives no random numbers.");
    return command->run(&options, arena);
}

int main(int argc, char **argv) {
    /* A static glibc must not load the host's name-service modules; a client that goes away must
     * not end the process. */
    __nss_configure_lookup("hosts", "files dns");
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    if (argc < 2) {
        print_usage(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0)
        return help(argc - 2, argv + 2);
    if (strcmp(argv[1], PICTURE_WORKER) == 0)
        _exit(picture_worker_run(argc > 2 ? argv[2] : ""));
    const struct command *command = find(argv[1]);
    if (!command) {
        command_fail("there is no command '%s'; see 'taller help'.", argv[1]);
        return EXIT_USAGE;
    }
    struct arena *arena = arena_create();
    int status = run(command, arena, argc - 2, argv + 2);
    arena_destroy(arena);
    return status;
}
