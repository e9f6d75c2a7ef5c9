/* The statements of setting.c. */
#ifndef SHOP_SETTING_SQL_H
#define SHOP_SETTING_SQL_H

enum {
    SETTING_ALL,
    SETTING_PUT,
    SETTING_DELETE,
    SETTING_REVISION,
    SETTING_LEGAL_TEXTS,
    SETTING_PUBLISH,
    SETTING_SQL_COUNT
};

extern const char *const setting_sql[];

#endif
