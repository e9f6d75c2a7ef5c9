/* `taller config` and `taller version`: what this program is and how it is set. */
#include "base/embedded.h"
#include "cli/command.h"
#include "version.h"
#include <stdio.h>

int config_run(const struct options *options, struct arena *arena) {
    (void)arena;
    struct buf text = {0};
    option_print(options, &text);
    fputs(buf_text(&text), stdout);
    buf_free(&text);
    return EXIT_DONE;
}

int version_run(const struct options *options, struct arena *arena) {
    (void)arena;
    printf("taller %s (%s)\n", TALLER_VERSION, TALLER_COMMIT);
    fputs(TALLER_LIBRARIES, stdout);
    if (options->flag[FLAG_LICENSES])
        fputs(embedded_licenses(), stdout);
    return EXIT_DONE;
}
