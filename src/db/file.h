/* Private files that survive a crash: created for the owner only, their names synced to disk. */
#ifndef DB_FILE_H
#define DB_FILE_H

#include "base/err.h"
#include <stdint.h>

/* Syncs the folder that a file lies in: a new name is only on disk once that is. */
enum err file_sync_folder(const char *path) MUST_CHECK;

/* Makes an empty file with mode 0600 and syncs its folder. OK also when there is one already. */
enum err file_create_private(const char *path) MUST_CHECK;

/* Syncs the file's content, gives it its final name (replacing a file of that name) and syncs the
 * folder: afterwards either the old file or the whole new one is there, whatever happens. */
enum err file_publish(const char *temporary, const char *path) MUST_CHECK;

/* The same, but never replaces: ERR_CONFLICT when there is a file of that name. */
enum err file_publish_new(const char *temporary, const char *path) MUST_CHECK;

/* Gives a second name to a file, in the same file system, and syncs the folder of it. ERR_CONFLICT
 * as above. */
enum err file_link(const char *path, const char *name) MUST_CHECK;

/* Removes a name, if there is one, and syncs the folder. */
enum err file_remove(const char *path) MUST_CHECK;

/* Keeps a name for oneself: until file_release, or the end of the process however it comes, nobody
 * else gets it (ERR_CONFLICT). A file of mode 0600 lies under it meanwhile; one that is found there
 * and that nobody holds is no obstacle. A descriptor in *held. */
enum err file_hold(const char *path, int *held) MUST_CHECK;
void file_release(const char *path, int held);

/* Bytes of a file, -1 when there is none; and those that are free for us where it lies, or would.
 */
int64_t file_size(const char *path);
int64_t file_space(const char *path);

/* Makes a folder with mode 0700 if there is none, and syncs its parent, which must exist. */
enum err file_create_folder(const char *path) MUST_CHECK;

#endif
