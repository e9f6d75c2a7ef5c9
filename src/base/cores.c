/* The cores of a process, from its affinity and its control groups. */
#include "base/cores.h"
#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* All of a small file as text; false where there is none. */
static bool read_text(const char *path, char *out, size_t size) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    ssize_t length = read(file, out, size - 1);
    close(file);
    out[length > 0 ? length : 0] = '\0';
    return length > 0;
}

static int rounded_up(long long quota, long long period) {
    if (quota <= 0 || period <= 0)
        return 0;
    long long cores = (quota - 1) / period + 1;
    return cores > INT_MAX ? INT_MAX : (int)cores;
}

/* "200000 100000", or "max 100000" where there is no limit. */
static int quota_v2(const char *folder) {
    char path[PATH_MAX], text[64], *end;
    snprintf(path, sizeof(path), "%s/cpu.max", folder);
    if (!read_text(path, text, sizeof(text)) || !isdigit((unsigned char)*text))
        return 0;
    long long quota = strtoll(text, &end, 10);
    return rounded_up(quota, strtoll(end, NULL, 10));
}

/* Two files; a quota of -1 is none. */
static int quota_v1(const char *folder) {
    char path[PATH_MAX], quota[64], period[64];
    snprintf(path, sizeof(path), "%s/cpu.cfs_quota_us", folder);
    if (!read_text(path, quota, sizeof(quota)))
        return 0;
    snprintf(path, sizeof(path), "%s/cpu.cfs_period_us", folder);
    if (!read_text(path, period, sizeof(period)))
        return 0;
    return rounded_up(strtoll(quota, NULL, 10), strtoll(period, NULL, 10));
}

/* The tightest quota from a group up to the top. In a container the group's name may be the host's
 * while the top is the group itself: what is not there does not count. */
static int tightest(const char *top, const char *group, int (*quota)(const char *folder)) {
    char folder[PATH_MAX];
    size_t base = strlen(top);
    int written = snprintf(folder, sizeof(folder), "%s%s", top, group);
    if (written < 0 || (size_t)written >= sizeof(folder) - 32)
        return 0;
    for (int least = 0;;) {
        int here = quota(folder);
        if (here && (!least || here < least))
            least = here;
        char *slash = strrchr(folder + base, '/');
        if (!slash)
            return least;
        *slash = '\0';
    }
}

/* Whether "cpu" is among "cpu,cpuacct". */
static bool has_cpu(const char *controllers) {
    for (const char *p = controllers; *p; p += strspn(p, ",")) {
        size_t length = strcspn(p, ",");
        if (length == 3 && memcmp(p, "cpu", 3) == 0)
            return true;
        p += length;
    }
    return false;
}

/* One line of /proc/self/cgroup, "0::/group" or "4:cpu,cpuacct:/group" (cgroups(7)). */
static int quota_of_line(const char *root, char *line) {
    char *controllers = strchr(line, ':');
    char *group = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!group)
        return 0;
    *group++ = '\0';
    controllers++;
    bool second = !*controllers;
    if (!second && !has_cpu(controllers))
        return 0;
    char top[PATH_MAX];
    snprintf(top, sizeof(top), "%s/sys/fs/cgroup%s", root, second ? "" : "/cpu");
    return tightest(top, strcmp(group, "/") == 0 ? "" : group, second ? quota_v2 : quota_v1);
}

int cores_quota(const char *root) {
    char path[PATH_MAX], text[4096];
    snprintf(path, sizeof(path), "%s/proc/self/cgroup", root);
    if (!read_text(path, text, sizeof(text)))
        return 0;
    int least = 0;
    for (char *line = text, *next; *line; line = next) {
        next = line + strcspn(line, "\n");
        if (*next)
            *next++ = '\0';
        int quota = quota_of_line(root, line);
        if (quota && (!least || quota < least))
            least = quota;
    }
    return least;
}

int cores_count(void) {
    cpu_set_t set;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    /* More than 1024 processors do not fit the set: then the online ones stand. */
    if (sched_getaffinity(0, sizeof(set), &set) == 0)
        cores = CPU_COUNT(&set);
    int quota = cores_quota("");
    if (quota && quota < cores)
        cores = quota;
    return cores > 1 ? (int)cores : 1;
}
