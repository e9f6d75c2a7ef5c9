/* Cores: what control groups of either version grant, as hosts and containers show it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cores.h"
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>

#include "tool.h"
#include <cmocka.h>

struct file {
    const char *path, *text;
};

static const struct {
    const char *what;
    struct file files[6];
    int quota;
} CASES[] = {
    {"nothing there", {{"etc/hostname", "x"}}, 0},
    {"version 2, in a container",
     {{"proc/self/cgroup", "0::/\n"}, {"sys/fs/cgroup/cpu.max", "200000 100000\n"}},
     2},
    {"version 2, half a core",
     {{"proc/self/cgroup", "0::/\n"}, {"sys/fs/cgroup/cpu.max", "50000 100000\n"}},
     1},
    {"version 2, rounded up",
     {{"proc/self/cgroup", "0::/\n"}, {"sys/fs/cgroup/cpu.max", "200001 100000\n"}},
     3},
    {"version 2, no limit",
     {{"proc/self/cgroup", "0::/\n"}, {"sys/fs/cgroup/cpu.max", "max 100000\n"}},
     0},
    {"version 2, on a host: the tightest of a unit and its slice",
     {{"proc/self/cgroup", "0::/system.slice/taller.service\n"},
      {"sys/fs/cgroup/system.slice/cpu.max", "300000 100000\n"},
      {"sys/fs/cgroup/system.slice/taller.service/cpu.max", "800000 100000\n"}},
     3},
    {"version 1, in a container that sees its host's names",
     {{"proc/self/cgroup", "9:memory:/kubepods/pod1/abc\n4:cpu,cpuacct:/kubepods/pod1/abc\n"},
      {"sys/fs/cgroup/cpu/cpu.cfs_quota_us", "150000\n"},
      {"sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"}},
     2},
    {"version 1, no limit",
     {{"proc/self/cgroup", "4:cpuacct,cpu:/\n"},
      {"sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n"},
      {"sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"}},
     0},
    {"another controller's folder is not looked at",
     {{"proc/self/cgroup", "4:cpuset:/\n"},
      {"sys/fs/cgroup/cpu/cpu.cfs_quota_us", "100000\n"},
      {"sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"}},
     0},
    {"both mounted, version 1 limits",
     {{"proc/self/cgroup", "4:cpu:/\n0::/\n"},
      {"sys/fs/cgroup/cpu/cpu.cfs_quota_us", "400000\n"},
      {"sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"}},
     4},
    {"nonsense", {{"proc/self/cgroup", "0::/\nx\n::\n"}, {"sys/fs/cgroup/cpu.max", "1\n"}}, 0},
    {"no time at all",
     {{"proc/self/cgroup", "0::/\n"}, {"sys/fs/cgroup/cpu.max", "100000 0\n"}},
     0},
};

static void quota_of_control_groups(void **state) {
    for (size_t i = 0; i < sizeof(CASES) / sizeof(*CASES); i++) {
        char root[PATH_MAX];
        snprintf(root, sizeof(root), "%s/%zu", (const char *)*state, i);
        assert_int_equal(mkdir(root, 0700), 0);
        for (const struct file *file = CASES[i].files; file->path; file++)
            tool_write(root, file->path, file->text);
        if (cores_quota(root) != CASES[i].quota)
            fail_msg("%s: %d, not %d", CASES[i].what, cores_quota(root), CASES[i].quota);
    }
}

static void never_more_than_the_scheduler_gives(void **state) {
    (void)state;
    cpu_set_t all, one;
    assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
    assert_true(cores_count() >= 1 && cores_count() <= CPU_COUNT(&all));
    CPU_ZERO(&one);
    for (size_t i = 0; i < CPU_SETSIZE && !CPU_COUNT(&one); i++)
        if (CPU_ISSET(i, &all))
            CPU_SET(i, &one);
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
    assert_int_equal(cores_count(), 1);
    assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(quota_of_control_groups, tool_setup, tool_teardown),
        cmocka_unit_test(never_more_than_the_scheduler_gives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
