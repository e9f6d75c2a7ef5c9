/* A disk that becomes read-only and writable again under whoever has files open on it, which no
 * mount of the kernel's own allows: a file system in user space (fuse(4)) that passes everything to
 * a folder.
 *
 * usage: disk_fuse FOLDER MOUNTPOINT
 *
 * Says "mounted" once it is. A line "ro" makes whatever writes fail with EROFS, "rw" ends that;
 * each is answered with the same line. The end of the input unmounts it. One thread, one request at
 * a time; takes the right to mount. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    NODES = 4096,
    WRITE_BYTES = 128 * 1024,
    REQUEST_BYTES = WRITE_BYTES + 4096,
    PATH_BYTES = 64
};

static int device;
static bool read_only;

/* What the kernel was told of; its number is the place here. Never forgotten: tests are short. */
static struct node {
    int fd; /* O_PATH */
    dev_t disk;
    ino_t file;
} nodes[NODES];
static uint64_t node_count = FUSE_ROOT_ID + 1;

/* One request, and the answer to it. */
struct call {
    const struct fuse_in_header *head;
    const void *in; /* what follows the header */
    union {
        struct fuse_init_out init;
        struct fuse_entry_out entry;
        struct fuse_attr_out attr;
        struct fuse_open_out open;
        struct {
            struct fuse_entry_out entry;
            struct fuse_open_out open;
        } create;
        struct fuse_write_out write;
        struct fuse_statfs_out statfs;
        char bytes[WRITE_BYTES];
    } out;
    size_t size; /* of the answer */
};

static int node_fd(uint64_t id) {
    return nodes[id].fd;
}

/* A node's file by a name that open(2) and its like follow. */
static const char *node_path(uint64_t id, char path[PATH_BYTES]) {
    snprintf(path, PATH_BYTES, "/proc/self/fd/%d", node_fd(id));
    return path;
}

/* ---- what files are -------------------------------------------------------------------------- */

static void fill_attr(struct fuse_attr *attr, const struct stat *file) {
    *attr = (struct fuse_attr){.ino = file->st_ino,
                               .size = (uint64_t)file->st_size,
                               .blocks = (uint64_t)file->st_blocks,
                               .atime = (uint64_t)file->st_atim.tv_sec,
                               .mtime = (uint64_t)file->st_mtim.tv_sec,
                               .atimensec = (uint32_t)file->st_atim.tv_nsec,
                               .mtimensec = (uint32_t)file->st_mtim.tv_nsec,
                               .mode = file->st_mode,
                               .nlink = (uint32_t)file->st_nlink,
                               .uid = file->st_uid,
                               .gid = file->st_gid,
                               .blksize = 4096};
}

/* The same file has the same number, whatever its name. */
static uint64_t find_node(int fd, const struct stat *file) {
    for (uint64_t id = FUSE_ROOT_ID; id < node_count; id++)
        if (nodes[id].disk == file->st_dev && nodes[id].file == file->st_ino) {
            close(fd);
            return id;
        }
    if (node_count == NODES)
        abort();
    nodes[node_count] = (struct node){fd, file->st_dev, file->st_ino};
    return node_count++;
}

static int look_up(uint64_t parent, const char *name, struct fuse_entry_out *out) {
    struct stat file;
    int fd = openat(node_fd(parent), name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &file) != 0)
        return -errno;
    *out = (struct fuse_entry_out){.nodeid = find_node(fd, &file)};
    fill_attr(&out->attr, &file);
    return 0;
}

static int do_lookup(struct call *call) {
    call->size = sizeof(call->out.entry);
    return look_up(call->head->nodeid, call->in, &call->out.entry);
}

static int do_getattr(struct call *call) {
    struct stat file;
    if (fstat(node_fd(call->head->nodeid), &file) != 0)
        return -errno;
    call->out.attr = (struct fuse_attr_out){0};
    fill_attr(&call->out.attr.attr, &file);
    call->size = sizeof(call->out.attr);
    return 0;
}

static struct timespec moment(bool set, bool now, uint64_t seconds, uint32_t nanoseconds) {
    return (struct timespec){.tv_sec = (time_t)seconds,
                             .tv_nsec = !set  ? UTIME_OMIT
                                        : now ? UTIME_NOW
                                              : (long)nanoseconds};
}

static int do_setattr(struct call *call) {
    const struct fuse_setattr_in *in = call->in;
    char path[PATH_BYTES];
    node_path(call->head->nodeid, path);
    const struct timespec times[] = {
        moment(in->valid & FATTR_ATIME, in->valid & FATTR_ATIME_NOW, in->atime, in->atimensec),
        moment(in->valid & FATTR_MTIME, in->valid & FATTR_MTIME_NOW, in->mtime, in->mtimensec)};
    bool owned = in->valid & (FATTR_UID | FATTR_GID);
    if ((in->valid & FATTR_MODE && chmod(path, in->mode & 07777) != 0) ||
        (owned && chown(path, in->valid & FATTR_UID ? in->uid : (uid_t)-1,
                        in->valid & FATTR_GID ? in->gid : (gid_t)-1) != 0) ||
        (in->valid & FATTR_SIZE && truncate(path, (off_t)in->size) != 0) ||
        (in->valid & (FATTR_ATIME | FATTR_MTIME) && utimensat(AT_FDCWD, path, times, 0) != 0))
        return -errno;
    return do_getattr(call);
}

/* ---- open files ------------------------------------------------------------------------------ */

/* The kernel is the only one who writes here, so what it remembers stays true. */
static struct fuse_open_out opened(int fd) {
    return (struct fuse_open_out){.fh = (uint64_t)fd, .open_flags = FOPEN_KEEP_CACHE};
}

static int do_open(struct call *call) {
    const struct fuse_open_in *in = call->in;
    char path[PATH_BYTES];
    int flags = (int)in->flags & ~(O_NOFOLLOW | O_CREAT | O_EXCL);
    if (read_only && (flags & O_ACCMODE) != O_RDONLY)
        return -EROFS;
    int fd = open(node_path(call->head->nodeid, path), flags | O_CLOEXEC);
    call->out.open = opened(fd);
    call->size = sizeof(call->out.open);
    return fd < 0 ? -errno : 0;
}

static int do_create(struct call *call) {
    const struct fuse_create_in *in = call->in;
    const char *name = (const char *)(in + 1);
    int fd = openat(node_fd(call->head->nodeid), name, (int)in->flags | O_CREAT | O_CLOEXEC,
                    in->mode & ~in->umask);
    if (fd < 0)
        return -errno;
    call->out.create.open = opened(fd);
    call->size = sizeof(call->out.create);
    return look_up(call->head->nodeid, name, &call->out.create.entry);
}

static int do_read(struct call *call) {
    const struct fuse_read_in *in = call->in;
    size_t size = in->size < WRITE_BYTES ? in->size : WRITE_BYTES;
    ssize_t count = pread((int)in->fh, call->out.bytes, size, (off_t)in->offset);
    call->size = count < 0 ? 0 : (size_t)count;
    return count < 0 ? -errno : 0;
}

/* What the kernel writes back of a mapped file was written when the disk still took it. */
static int do_write(struct call *call) {
    const struct fuse_write_in *in = call->in;
    if (read_only && !(in->write_flags & FUSE_WRITE_CACHE))
        return -EROFS;
    ssize_t count = pwrite((int)in->fh, in + 1, in->size, (off_t)in->offset);
    call->out.write = (struct fuse_write_out){.size = (uint32_t)count};
    call->size = sizeof(call->out.write);
    return count < 0 ? -errno : 0;
}

/* A disk that is read-only since an error takes no sync either. */
static int do_fsync(struct call *call) {
    const struct fuse_fsync_in *in = call->in;
    if (read_only)
        return -EROFS;
    return fsync((int)in->fh) == 0 ? 0 : -errno;
}

static int do_release(struct call *call) {
    const struct fuse_release_in *in = call->in;
    close((int)in->fh);
    return 0;
}

static int do_nothing(struct call *call) {
    (void)call;
    return 0;
}

/* ---- folders --------------------------------------------------------------------------------- */

/* All names at once; nobody has so many here. */
static int do_readdir(struct call *call) {
    const struct fuse_read_in *in = call->in;
    DIR *folder = in->offset ? NULL : fdopendir(openat((int)in->fh, ".", O_RDONLY | O_CLOEXEC));
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        struct fuse_dirent *to = (struct fuse_dirent *)(void *)(call->out.bytes + call->size);
        size_t length = strlen(entry->d_name), size = FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + length);
        if (call->size + size > in->size)
            break;
        memset(to, 0, size);
        *to = (struct fuse_dirent){
            .ino = entry->d_ino, .off = 1, .namelen = (uint32_t)length, .type = entry->d_type};
        memcpy(to->name, entry->d_name, length);
        call->size += size;
    }
    if (folder)
        closedir(folder);
    return 0;
}

static int do_mkdir(struct call *call) {
    const struct fuse_mkdir_in *in = call->in;
    const char *name = (const char *)(in + 1);
    if (mkdirat(node_fd(call->head->nodeid), name, in->mode & ~in->umask) != 0)
        return -errno;
    call->size = sizeof(call->out.entry);
    return look_up(call->head->nodeid, name, &call->out.entry);
}

static int do_unlink(struct call *call) {
    int flags = call->head->opcode == FUSE_RMDIR ? AT_REMOVEDIR : 0;
    return unlinkat(node_fd(call->head->nodeid), call->in, flags) == 0 ? 0 : -errno;
}

static int rename_to(struct call *call, uint64_t folder, unsigned flags, const char *from) {
    const char *to = from + strlen(from) + 1;
    return renameat2(node_fd(call->head->nodeid), from, node_fd(folder), to, flags) == 0 ? 0
                                                                                         : -errno;
}

static int do_rename(struct call *call) {
    const struct fuse_rename_in *in = call->in;
    return rename_to(call, in->newdir, 0, (const char *)(in + 1));
}

static int do_rename2(struct call *call) {
    const struct fuse_rename2_in *in = call->in;
    return rename_to(call, in->newdir, in->flags, (const char *)(in + 1));
}

static int do_link(struct call *call) {
    const struct fuse_link_in *in = call->in;
    const char *name = (const char *)(in + 1);
    char path[PATH_BYTES];
    if (linkat(AT_FDCWD, node_path(in->oldnodeid, path), node_fd(call->head->nodeid), name,
               AT_SYMLINK_FOLLOW) != 0)
        return -errno;
    call->size = sizeof(call->out.entry);
    return look_up(call->head->nodeid, name, &call->out.entry);
}

/* ---- the disk -------------------------------------------------------------------------------- */

static int do_statfs(struct call *call) {
    struct statvfs disk;
    if (fstatvfs(node_fd(FUSE_ROOT_ID), &disk) != 0)
        return -errno;
    call->out.statfs = (struct fuse_statfs_out){.st = {.blocks = disk.f_blocks,
                                                       .bfree = disk.f_bfree,
                                                       .bavail = disk.f_bavail,
                                                       .files = disk.f_files,
                                                       .ffree = disk.f_ffree,
                                                       .bsize = (uint32_t)disk.f_bsize,
                                                       .namelen = (uint32_t)disk.f_namemax,
                                                       .frsize = (uint32_t)disk.f_frsize}};
    call->size = sizeof(call->out.statfs);
    return 0;
}

static int do_init(struct call *call) {
    const struct fuse_init_in *in = call->in;
    call->out.init = (struct fuse_init_out){.major = FUSE_KERNEL_VERSION,
                                            .minor = 31,
                                            .max_readahead = in->max_readahead,
                                            .flags = FUSE_BIG_WRITES,
                                            .max_background = 16,
                                            .congestion_threshold = 12,
                                            .max_write = WRITE_BYTES,
                                            .time_gran = 1};
    call->size = sizeof(call->out.init);
    return 0;
}

/* What is not here is answered with ENOSYS. */
static const struct {
    int (*run)(struct call *call); /* 0 or a negative errno */
    bool writes;
} CALLS[] = {
    [FUSE_INIT] = {do_init},           [FUSE_LOOKUP] = {do_lookup},
    [FUSE_GETATTR] = {do_getattr},     [FUSE_SETATTR] = {do_setattr, true},
    [FUSE_OPEN] = {do_open},           [FUSE_CREATE] = {do_create, true},
    [FUSE_READ] = {do_read},           [FUSE_WRITE] = {do_write},
    [FUSE_FSYNC] = {do_fsync},         [FUSE_RELEASE] = {do_release},
    [FUSE_FLUSH] = {do_nothing},       [FUSE_OPENDIR] = {do_open},
    [FUSE_READDIR] = {do_readdir},     [FUSE_RELEASEDIR] = {do_release},
    [FUSE_FSYNCDIR] = {do_fsync},      [FUSE_MKDIR] = {do_mkdir, true},
    [FUSE_UNLINK] = {do_unlink, true}, [FUSE_RMDIR] = {do_unlink, true},
    [FUSE_RENAME] = {do_rename, true}, [FUSE_RENAME2] = {do_rename2, true},
    [FUSE_LINK] = {do_link, true},     [FUSE_STATFS] = {do_statfs},
};

static bool has_no_answer(uint32_t opcode) {
    return opcode == FUSE_FORGET || opcode == FUSE_BATCH_FORGET || opcode == FUSE_INTERRUPT;
}

static int run(struct call *call) {
    uint32_t opcode = call->head->opcode;
    if (opcode >= sizeof(CALLS) / sizeof(CALLS[0]) || !CALLS[opcode].run)
        return -ENOSYS;
    return CALLS[opcode].writes && read_only ? -EROFS : CALLS[opcode].run(call);
}

/* False: it is unmounted. */
static bool serve_one(void) {
    static _Alignas(8) char request[REQUEST_BYTES];
    static struct call call;
    ssize_t got = read(device, request, sizeof(request));
    if (got < 0)
        return errno == EINTR || errno == EAGAIN || errno == ENOENT;
    call.head = (const struct fuse_in_header *)(const void *)request;
    call.in = call.head + 1;
    call.size = 0;
    if (has_no_answer(call.head->opcode))
        return true;
    int error = run(&call);
    if (error)
        call.size = 0;
    struct fuse_out_header head = {
        .len = (uint32_t)(sizeof(head) + call.size), .error = error, .unique = call.head->unique};
    struct iovec parts[] = {{&head, sizeof(head)}, {&call.out, call.size}};
    return writev(device, parts, 2) >= 0 || errno == ENOENT; /* nobody waits for it any more */
}

/* False: the input has ended. */
static bool obey(void) {
    char line[16];
    if (!fgets(line, sizeof(line), stdin))
        return false;
    read_only = strcmp(line, "ro\n") == 0;
    fputs(line, stdout);
    return true;
}

static bool mount_over(const char *folder, const char *place) {
    char options[96];
    struct stat file;
    int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (fd < 0 || device < 0 || fstat(fd, &file) != 0)
        return false;
    nodes[FUSE_ROOT_ID] = (struct node){fd, file.st_dev, file.st_ino};
    snprintf(options, sizeof(options), "fd=%d,rootmode=%o,user_id=%d,group_id=%d,allow_other",
             device, file.st_mode & S_IFMT, (int)getuid(), (int)getgid());
    return mount("disk_fuse", place, "fuse", MS_NOSUID | MS_NODEV, options) == 0;
}

int main(int argc, char **argv) {
    if (argc != 3 || !mount_over(argv[1], argv[2])) {
        perror("disk_fuse");
        return 1;
    }
    setvbuf(stdin, NULL, _IONBF, 0); /* poll sees what is left of it */
    setvbuf(stdout, NULL, _IONBF, 0);
    puts("mounted");
    for (bool going = true; going;) {
        struct pollfd waits[] = {{.fd = device, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
        if (poll(waits, 2, -1) < 0 && errno != EINTR)
            break;
        if (waits[0].revents)
            going = serve_one();
        if (going && waits[1].revents)
            going = obey();
    }
    umount2(argv[2], MNT_DETACH);
    return 0;
}
