/* The data folder: made when missing, entered as its owner, held by at most one server. */
#ifndef CLI_FOLDER_H
#define CLI_FOLDER_H

#include "base/arena.h"
#include "base/err.h"
#include "shop/shop.h"
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Creates the folder (mode 0700) if it is missing and, when run as root, takes the identity of its
 * owner. */
enum err folder_enter(const char *data, char *error, size_t error_size) MUST_CHECK;

/* The same for a command that needs a school in it: ERR_NOT_FOUND without a database, and nothing
 * was made. *database, in the arena, is its path. */
enum err folder_enter_school(const char *data, struct arena *arena, const char **database,
                             char *error, size_t error_size) MUST_CHECK;

/* Holds the folder for serving until the process ends: ERR_BUSY when a server holds it already. */
enum err folder_lock(struct arena *arena, const char *data, char *error,
                     size_t error_size) MUST_CHECK;

/* A folder that must be there already: nothing is made. */
enum err folder_visit(const char *data, char *error, size_t error_size) MUST_CHECK;

/* Says, beside the lock, that who holds the folder is a server that understands signals; until
 * folder_retire(), which says that it has drained. */
enum err folder_announce(struct arena *arena, const char *data, int *mark, char *error,
                         size_t error_size) MUST_CHECK;
void folder_retire(int mark);

/* The process of the server that announced itself, as the kernel knows it, never a stale number out
 * of a file. Not to be asked by the server itself: closing the file would end its announcement. */
enum { FOLDER_NO_SERVER = 0, FOLDER_FOREIGN_SERVER = -1 /* of another PID namespace */ };
pid_t folder_server(const char *data);

/* Whether nobody holds the lock; the same goes for it. */
bool folder_free(const char *data);

/* Enters the folder and opens the shop in it for a command. Says what went wrong on standard
 * error. */
enum err folder_open_shop(const char *data, struct shop *shop) MUST_CHECK;

#endif
