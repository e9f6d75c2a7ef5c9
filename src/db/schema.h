/* A schema as comparable text. Used inside db/ only; see store_schema in db.h. */
#ifndef DB_SCHEMA_H
#define DB_SCHEMA_H

#include "base/err.h"

struct arena;
struct db;

enum err schema_describe(struct db *db, struct arena *arena, const char **out) MUST_CHECK;

#endif
