/* Reads /proc/self (proc(5)) and the process clock. */
#include "site/process.h"
#include "base/metric.h"
#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>

enum { MICROSECONDS = 1000000, START_FIELD = 22, STATE_FIELD = 3 };

/* The beginning of a small file as text; "" when it cannot be read. */
static void read_start(const char *path, char *text, size_t size) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : read(file, text, size - 1);
    text[length > 0 ? length : 0] = '\0';
    if (file >= 0)
        close(file);
}

static void write_cpu(struct buf *out) {
    struct timespec used;
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0)
        return;
    metric_family(out, "process_cpu_seconds_total", METRIC_COUNTER,
                  "User and system time spent, all threads.");
    metric_fraction(out, "process_cpu_seconds_total", "",
                    (uint64_t)used.tv_sec * MICROSECONDS + (uint64_t)used.tv_nsec / 1000,
                    MICROSECONDS);
}

static void write_memory(struct buf *out) {
    char text[128], *end;
    read_start("/proc/self/statm", text, sizeof(text));
    long long pages = strtoll(text, &end, 10), resident = strtoll(end, NULL, 10);
    if (!*text)
        return;
    long long page = sysconf(_SC_PAGESIZE);
    metric_gauge(out, "process_virtual_memory_bytes", "Virtual memory size.", pages * page);
    metric_gauge(out, "process_resident_memory_bytes", "Resident memory size.", resident * page);
}

static void write_files(struct buf *out) {
    DIR *folder = opendir("/proc/self/fd");
    if (folder) {
        int64_t count = -3; /* ".", "..", and the folder that is being read */
        /* One stream, one thread: readdir_r is deprecated for that reason. */
        /* cppcheck-suppress readdirCalled */
        while (readdir(folder))
            count++;
        closedir(folder);
        metric_gauge(out, "process_open_fds", "Open file descriptors.", count);
    }
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        metric_gauge(out, "process_max_fds", "Largest number of open file descriptors.",
                     (int64_t)limit.rlim_cur);
}

/* Clock ticks from the machine's start to this process', field 22 of stat. The name in field 2
 * stands in brackets and may hold blanks. */
static long long start_ticks(void) {
    char text[1024];
    read_start("/proc/self/stat", text, sizeof(text));
    const char *at = strrchr(text, ')');
    for (int field = STATE_FIELD - 1; at && field < START_FIELD; field++)
        at = strchr(at + 1, ' ');
    return at ? strtoll(at, NULL, 10) : -1;
}

static void write_start(struct buf *out) {
    long long ticks = start_ticks(), hertz = sysconf(_SC_CLK_TCK);
    struct timespec up, now;
    if (ticks < 0 || hertz <= 0 || clock_gettime(CLOCK_BOOTTIME, &up) != 0 ||
        clock_gettime(CLOCK_REALTIME, &now) != 0)
        return;
    metric_gauge(out, "process_start_time_seconds", "When the process started.",
                 now.tv_sec - up.tv_sec + ticks / hertz);
}

void process_write(struct buf *out) {
    write_cpu(out);
    write_memory(out);
    write_files(out);
    write_start(out);
}
