/* The program beside itself, and what a process in the sandbox cannot do. This program is its own
 * child: see main. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/sandbox.h"
#include "base/seccomp.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MEMORY = 64 << 20, OUTPUT_MAX = 100000 };

/* ---- the child's side ----------------------------------------------------------------------- */

static int echo(void) {
    char block[4096];
    for (ssize_t count; (count = read(STDIN_FILENO, block, sizeof(block))) > 0;)
        if (write(STDOUT_FILENO, block, (size_t)count) != count)
            return 1;
    return 0;
}

/* How many files are open, and how many words the environment has. */
static int count_belongings(void) {
    DIR *folder = opendir("/proc/self/fd");
    int count = -1; /* the folder itself */
    while (readdir(folder))
        count++;
    closedir(folder);
    return printf("%d %d", count - 2, environ[0] != NULL) < 0 || fflush(stdout) != 0;
}

static int spin(void) {
    for (volatile int busy = 1; busy;) {
    }
    return 0;
}

static int flood(void) {
    char block[4096] = {0};
    for (int i = 0; i < 100; i++)
        if (write(STDOUT_FILENO, block, sizeof(block)) < 0)
            return 1;
    return 0;
}

/* Each ends with status 0 if it could do it. */
static int try(const char *what) {
    static char block[MEMORY + 1];
    if (!sandbox_enter(sizeof(block) + MEMORY, 1))
        return 1;
    if (strcmp(what, "nothing") == 0)
        return 0;
    if (strcmp(what, "memory") == 0) {
        char *bytes = malloc(2 * MEMORY);
        return bytes == NULL;
    }
    if (strcmp(what, "file") == 0)
        return open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0;
    if (strcmp(what, "socket") == 0)
        return socket(AF_INET, SOCK_STREAM, 0) < 0;
    if (strcmp(what, "process") == 0)
        return fork() < 0;
    return strcmp(what, "time") == 0 ? spin() : 1;
}

static int be_child(const char *command, const char *argument) {
    if (strcmp(command, "echo") == 0)
        return echo();
    if (strcmp(command, "belongings") == 0)
        return count_belongings();
    if (strcmp(command, "spin") == 0)
        return spin();
    if (strcmp(command, "flood") == 0)
        return flood();
    if (strcmp(command, "try") == 0)
        return try(argument);
    abort();
}

/* ---- the parent's side ---------------------------------------------------------------------- */

struct result {
    struct arena *arena;
    const void *output;
    size_t size;
};

static enum err run(struct result *r, const char *command, const char *argument, const void *input,
                    size_t size, int seconds) {
    r->arena = arena_create();
    return child_run(&(struct child){.command = command,
                                     .argument = argument,
                                     .input = input,
                                     .input_size = size,
                                     .output_max = OUTPUT_MAX,
                                     .seconds = seconds},
                     r->arena, &r->output, &r->size);
}

static void what_goes_in_comes_out(void **state) {
    (void)state;
    static char bytes[OUTPUT_MAX];
    struct result r;
    memset(bytes, 'x', sizeof(bytes));
    assert_int_equal(run(&r, "echo", "", bytes, sizeof(bytes), 20), OK);
    assert_int_equal(r.size, sizeof(bytes));
    assert_memory_equal(r.output, bytes, sizeof(bytes));
    arena_destroy(r.arena);
    assert_int_equal(run(&r, "echo", "", NULL, 0, 20), OK);
    assert_int_equal(r.size, 0);
    arena_destroy(r.arena);
}

static void it_takes_nothing_along(void **state) {
    (void)state;
    struct result r;
    int left_open = open("/dev/null", O_RDONLY); /* NOLINT(android-cloexec-open): on purpose */
    assert_true(left_open >= 0);
    assert_int_equal(run(&r, "belongings", "", NULL, 0, 20), OK);
    assert_int_equal(r.size, 3);
    assert_memory_equal(r.output, "3 0", 3);
    close(left_open);
    arena_destroy(r.arena);
}

static void a_bad_end_is_refused(void **state) {
    (void)state;
    static const char *const COMMANDS[] = {"abort", "flood"};
    for (size_t i = 0; i < ARRAY_COUNT(COMMANDS); i++) {
        struct result r;
        assert_int_equal(run(&r, COMMANDS[i], "", NULL, 0, 20), ERR_REFUSED);
        arena_destroy(r.arena);
    }
}

static void time_is_bounded(void **state) {
    (void)state;
    struct result r;
    int64_t before = clock_monotonic_us();
    assert_int_equal(run(&r, "spin", "", NULL, 0, 1), ERR_REFUSED);
    assert_in_range(clock_monotonic_us() - before, 900000, 10000000);
    arena_destroy(r.arena);
}

static void the_sandbox_leaves_only_work(void **state) {
    (void)state;
    static const char *const THINGS[] = {"memory", "file", "socket", "process", "time"};
    struct result r;
    assert_int_equal(run(&r, "try", "nothing", NULL, 0, 20), OK);
    arena_destroy(r.arena);
    for (size_t i = 0; i < ARRAY_COUNT(THINGS) && SECCOMP_STANDS; i++) {
        assert_int_equal(run(&r, "try", THINGS[i], NULL, 0, 20), ERR_REFUSED);
        arena_destroy(r.arena);
    }
}

int main(int argc, char **argv) {
    if (argc > 2)
        _exit(be_child(argv[1], argv[2]));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_goes_in_comes_out),       cmocka_unit_test(it_takes_nothing_along),
        cmocka_unit_test(a_bad_end_is_refused),         cmocka_unit_test(time_is_bounded),
        cmocka_unit_test(the_sandbox_leaves_only_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
