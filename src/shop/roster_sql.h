/* The statements of roster.c. */
#ifndef SHOP_ROSTER_SQL_H
#define SHOP_ROSTER_SQL_H

enum { ROSTER_OWN, ROSTER_LINES, ROSTER_MARKS, ROSTER_SET, ROSTER_CLEAR, ROSTER_SQL_COUNT };

extern const char *const roster_sql[];

#endif
