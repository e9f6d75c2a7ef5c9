/* The data folder: made when missing, entered as its owner, held by at most one server. */
#ifndef CLI_FOLDER_H
#define CLI_FOLDER_H

#include "base/arena.h"
#include "base/err.h"
#include "shop/shop.h"
#include <stddef.h>

/* Creates the folder (mode 0700) if it is missing and, when run as root, takes the identity of its
 * owner. */
enum err folder_enter(const char *data, char *error, size_t error_size) MUST_CHECK;

/* Holds the folder for serving until the process ends: ERR_BUSY when a server holds it already. */
enum err folder_lock(struct arena *arena, const char *data, char *error,
                     size_t error_size) MUST_CHECK;

/* Enters the folder and opens the shop in it for a command. Says what went wrong on standard
 * error. */
enum err folder_open_shop(const char *data, struct shop *shop) MUST_CHECK;

#endif
