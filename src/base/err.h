/* The one error type of the house. It tells a caller what to do next, not what went wrong in
 * detail: the origin of a failure logs it once with base/log.h, everybody above passes it on. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err {
    OK = 0,
    ERR_INVALID,   /* the input can never be accepted as it is */
    ERR_NOT_FOUND, /* no such row, file or name; also what a stranger may not know exists */
    ERR_CONFLICT,  /* a constraint or another writer's change stands against it */
    ERR_REFUSED,   /* a business rule says no; the operation's own result says which */
    ERR_BUSY,      /* try again soon: locked, too many waiting, draining */
    ERR_IO,        /* the disk, the network or the peer failed */
    ERR_FULL,      /* no space left on the disk */
    ERR_INTERNAL,  /* a bug of ours; logged where it was seen */
};

/* An error that nobody looks at does not compile. */
#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(string, first) __attribute__((format(printf, string, first)))

#define ARRAY_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
