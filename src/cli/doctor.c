/* `taller doctor`: is the running server ready? */
#include "cli/command.h"
#include "cli/live.h"
#include <stdio.h>

int doctor_run(const struct options *options, struct arena *arena) {
    char error[512];
    enum err err = live_ask(options->value[OPTION_OPS], arena, error, sizeof(error));
    if (err)
        return command_fail("%s", error);
    puts("ready");
    return EXIT_DONE;
}
