/* The statements of setting.c and setting_change.c. */
#ifndef SHOP_SETTING_SQL_H
#define SHOP_SETTING_SQL_H

enum {
    SETTING_ALL,
    SETTING_PUT,
    SETTING_DELETE,
    SETTING_REVISION,
    SETTING_LEGAL_TEXTS,
    SETTING_PUBLISH,
    SETTING_GET,
    SETTING_ORDERED,
    SETTING_IN_USE,
    SETTING_LEGAL_IN_FORCE,
    SETTING_LEGAL_VERSIONS,
    SETTING_LEGAL_BODY,
    SETTING_SQL_COUNT
};

extern const char *const setting_sql[];

#endif
