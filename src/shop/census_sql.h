/* Statements of the census. */
#ifndef SHOP_CENSUS_SQL_H
#define SHOP_CENSUS_SQL_H

enum { CENSUS_ORDERS, CENSUS_INSCRIPTIONS, CENSUS_REVENUE, CENSUS_MAIL, CENSUS_SQL_COUNT };

extern const char *const census_sql[CENSUS_SQL_COUNT];

#endif
