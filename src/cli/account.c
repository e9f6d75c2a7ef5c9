/* `taller account`: people and their powers from the shell. */
#include "shop/account.h"
#include "base/clock.h"
#include "cli/command.h"
#include "cli/folder.h"
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { PASSWORD_LINE = 1026 };

static enum staff_role chosen_role(const struct options *options) {
    if (options->flag[FLAG_OWNER])
        return STAFF_OWNER;
    if (options->flag[FLAG_MANAGER])
        return STAFF_MANAGER;
    if (options->flag[FLAG_DESK])
        return STAFF_DESK;
    return options->flag[FLAG_INSTRUCTOR] ? STAFF_INSTRUCTOR : STAFF_NONE;
}

/* One line from standard input; on a terminal it is asked for and not shown. */
static const char *read_password(char line[PASSWORD_LINE]) {
    struct termios before, silent;
    bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;
    if (terminal) {
        fputs("Password: ", stderr);
        silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    bool got = fgets(line, PASSWORD_LINE, stdin) != NULL;
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fputc('\n', stderr);
    }
    if (!got)
        return "";
    line[strcspn(line, "\r\n")] = '\0';
    return line;
}

static int tell_errors(const struct account_result *result) {
    for (int i = 0; i < ACCOUNT_FIELDS; i++)
        if (result->errors[i])
            command_fail("%s%s%s", account_field_name((enum account_field)i), i ? ": " : "",
                         account_error_text(result->errors[i]));
    return EXIT_FAILED;
}

static int tell(enum err err, const struct account_result *result, const char *email,
                const char *done) {
    switch (err) {
    case OK:
        printf("%s: %s.\n", email, done);
        return EXIT_DONE;
    case ERR_REFUSED:
        return tell_errors(result);
    case ERR_NOT_FOUND:
        return command_fail("there is no account %s.", email);
    case ERR_INVALID:
    case ERR_CONFLICT:
    case ERR_BUSY:
    case ERR_IO:
    case ERR_FULL:
    case ERR_INTERNAL:
        break;
    }
    return command_fail("the account %s could not be changed.", email);
}

static int act(struct shop *shop, const struct options *options, const char *action,
               const char *email, const char *password) {
    struct account_result result = {0};
    enum staff_role role = chosen_role(options);
    int64_t now = clock_now();
    if (strcmp(action, "create") == 0) {
        const struct account_input input = {
            .email = email, .password = password, .password_again = password};
        return tell(account_staff_create(shop, &input, role, now, &result), &result, email,
                    "created");
    }
    if (strcmp(action, "password") == 0)
        return tell(account_staff_password(shop, email, password, now, &result), &result, email,
                    "password set, all sessions ended");
    if (strcmp(action, "role") == 0)
        return tell(account_staff_role(shop, email, role, now), &result, email,
                    role == STAFF_NONE ? "is staff no more" : session_staff_role_name(role));
    return tell(account_set_active(shop, email, false, now), &result, email,
                "disabled, all sessions ended");
}

int account_run(const struct options *options, struct arena *arena) {
    (void)arena;
    static const char *const ACTIONS[] = {"create", "password", "role", "disable"};
    const char *action = options->arguments[0], *email = options->arguments[1];
    size_t i = 0;
    while (i < ARRAY_COUNT(ACTIONS) && strcmp(ACTIONS[i], action) != 0)
        i++;
    if (i == ARRAY_COUNT(ACTIONS)) {
        command_fail("'%s' is not something to do with an account: create, password, role or "
                     "disable.",
                     action);
        return EXIT_USAGE;
    }
    struct shop shop;
    if (folder_open_shop(options->value[OPTION_DATA], &shop) != OK)
        return EXIT_FAILED;
    char line[PASSWORD_LINE];
    int status = act(&shop, options, action, email, i < 2 ? read_password(line) : NULL);
    secret_wipe(line, sizeof(line));
    shop_close(&shop);
    return status;
}
