/* `taller drain`: asks the server that holds the data folder to end, waits until it has drained. */
#include "base/clock.h"
#include "cli/command.h"
#include "cli/folder.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    STEP_US = 10 * 1000,
    SPARE_SECONDS =
        15,           /* beyond the deadline: threads that end, the log brought into the database */
    GONE_SECONDS = 2, /* for the process, once it has let the folder go */
};

/* False when the time was over first. */
static bool await(const char *data, bool (*over)(const char *data), int seconds) {
    int64_t until = clock_monotonic_us() + INT64_C(1000000) * seconds;
    while (!over(data)) {
        if (clock_monotonic_us() >= until)
            return false;
        usleep(STEP_US);
    }
    return true;
}

static bool has_drained(const char *data) {
    return folder_server(data) == FOLDER_NO_SERVER;
}

int drain_run(const struct options *options, struct arena *arena) {
    (void)arena;
    const char *data = options->value[OPTION_DATA];
    char error[512];
    if (folder_visit(data, error, sizeof(error)) != OK)
        return command_fail("%s", error);
    pid_t server = folder_server(data);
    if (server == FOLDER_NO_SERVER)
        return command_fail("no server holds the data folder %s: there is nothing to drain.", data);
    if (server == FOLDER_FOREIGN_SERVER)
        return command_fail("the server that holds the data folder %s runs in another container: "
                            "drain it from there.",
                            data);
    if (kill(server, SIGTERM) != 0 && errno != ESRCH)
        return command_fail("the server (process %d) cannot be told to drain: %s.", (int)server,
                            strerror(errno));
    int seconds = option_int(options, OPTION_DRAIN_SECONDS) + SPARE_SECONDS;
    if (!await(data, has_drained, seconds))
        return command_fail("the server (process %d) has not drained within %d seconds.",
                            (int)server, seconds);
    /* In a container the whole of it ends with process 1, this one too. */
    if (server != 1)
        (void)await(data, folder_free, GONE_SECONDS);
    printf("The server has drained.\n");
    return EXIT_DONE;
}
