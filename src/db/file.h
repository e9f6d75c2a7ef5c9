/* Private files that survive a crash: created for the owner only, their names synced to disk. */
#ifndef DB_FILE_H
#define DB_FILE_H

#include "base/err.h"
#include <stdint.h>

/* Makes an empty file with mode 0600 and syncs its folder. OK also when there is one already. */
enum err file_create_private(const char *path) MUST_CHECK;

/* Syncs the file's content, gives it its final name (replacing a file of that name) and syncs the
 * folder: afterwards either the old file or the whole new one is there, whatever happens. */
enum err file_publish(const char *temporary, const char *path) MUST_CHECK;

/* Makes a folder with mode 0700 if there is none; its parent must exist. */
enum err file_create_folder(const char *path) MUST_CHECK;

/* When the newest file in a folder was last written, UTC seconds; 0: there is none. */
int64_t file_newest(const char *folder);

#endif
