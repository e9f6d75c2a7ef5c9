/* The function each_row of a connection; see db_scan in db.h. Used inside db/ only. */
#ifndef DB_SCAN_H
#define DB_SCAN_H

struct db;

/* Answers an SQLite result code. */
int scan_register(struct db *db);

#endif
