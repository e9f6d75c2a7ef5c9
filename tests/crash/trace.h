/* What a program did to its disk, operation by operation, in the order it happened: written by
 * disk.c, read by image.c. A trace is a file of records, each followed by `size` bytes. Names are
 * relative to the traced folder, without a slash at either end; "" is the folder itself. Files are
 * known by their inode, which a later file may have again once it is created. */
#ifndef CRASH_TRACE_H
#define CRASH_TRACE_H

#include <stdint.h>

enum trace_kind {
    TRACE_OPEN = 1,    /* the name of `file`, which was there before */
    TRACE_CREATE,      /* the same, made now and empty */
    TRACE_FOLDER,      /* a folder of that name was made */
    TRACE_WRITE,       /* bytes at `offset` of `file` */
    TRACE_TRUNCATE,    /* `file` is `offset` bytes long */
    TRACE_SYNC,        /* `file` is on disk */
    TRACE_SYNC_FAILED, /* what was not on disk of `file` never will be */
    TRACE_SYNC_FOLDER, /* the names in that folder are on disk */
    TRACE_RENAME,      /* two names, the old and the new, each with its NUL */
    TRACE_LINK,        /* the same */
    TRACE_UNLINK,      /* a name is gone */
    TRACE_MARK,        /* somebody was told something: "paid 41" */
};

struct trace_record {
    uint32_t kind, size;
    uint64_t file, offset;
};

#endif
