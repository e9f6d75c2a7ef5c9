/* Files and child processes for the tests of the generators. */
#include "tool.h"
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGS_MAX = 16, PATH_SIZE = 512 };

int tool_setup(void **state) {
    char folder[] = "/tmp/taller-tool-XXXXXX";
    if (!mkdtemp(folder))
        return -1;
    *state = strdup(folder);
    return 0;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk) {
    (void)info, (void)type, (void)walk;
    return remove(path);
}

int tool_teardown(void **state) {
    int failed = nftw(*state, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return failed;
}

void tool_write(const char *folder, const char *name, const char *text) {
    char path[PATH_SIZE];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    for (char *slash = strchr(path + strlen(folder) + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static void read_all(int file, struct buf *content) {
    char block[4096];
    for (ssize_t count; (count = read(file, block, sizeof(block))) > 0;)
        buf_append(content, block, (size_t)count);
    close(file);
}

struct buf tool_read(const char *folder, const char *name) {
    char path[PATH_SIZE];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0);
    struct buf content = {0};
    read_all(file, &content);
    return content;
}

/* The child's side. */
static void become(const char *folder, int output, char *const *args) {
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    if (!folder || chdir(folder) == 0)
        execvp(args[0], args);
    _exit(127);
}

int tool_run(const char *folder, struct buf *output, const char *const *args) {
    char here[256], paths[ARGS_MAX][PATH_SIZE], *argv[ARGS_MAX + 1] = {0};
    assert_non_null(getcwd(here, sizeof(here)));
    for (size_t i = 0; args[i]; i++) {
        bool is_ours = strncmp(args[i], "build/", 6) == 0 || strncmp(args[i], "src/", 4) == 0;
        assert_true(i < ARGS_MAX);
        snprintf(paths[i], PATH_SIZE, "%s%s%s", is_ours ? here : "", is_ours ? "/" : "", args[i]);
        argv[i] = paths[i];
    }
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        become(folder, ends[1], argv);
    close(ends[1]);
    buf_reset(output);
    read_all(ends[0], output);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
