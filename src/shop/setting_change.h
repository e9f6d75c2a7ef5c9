/* Settings and legal texts as staff change them: a section at a time, checked, with two versions
 * told apart and the trail written. */
#ifndef SHOP_SETTING_CHANGE_H
#define SHOP_SETTING_CHANGE_H

#include "base/secret.h"
#include "shop/setting.h"

/* The values of a section as they are in force, one a row of setting_section(), in order; NULL:
 * not set and without a default. `version` changes whenever one of them does. */
struct setting_values {
    const char **values;
    size_t count;
    char version[SECRET_DIGEST_TEXT_SIZE];
};

enum err setting_values_read(struct db *db, struct arena *arena, enum setting_section section,
                             struct setting_values *out) MUST_CHECK;

/* What a change means beyond its section. Who saves has to say that it is meant. */
enum setting_warning {
    SETTING_WARN_CURRENCY = 1, /* there are orders in the currency of before */
    SETTING_WARN_ZONE = 2,     /* every date and hour of the shop moves */
};

struct setting_edit {
    int64_t actor_id;
    enum setting_section section;
    const char *version;       /* of the section as it was shown */
    const char *const *values; /* one a row; NULL or "": the default again */
    bool confirmed;            /* the warnings were read */
};

struct setting_result {
    bool *bad;                    /* with ERR_REFUSED, one a row: not a value of its type */
    unsigned warnings;            /* with ERR_REFUSED */
    struct setting_values theirs; /* with ERR_CONFLICT: as somebody else left it */
    bool changed;                 /* with OK: something was different */
};

/* All of it or nothing. ERR_REFUSED and ERR_CONFLICT as above. */
enum err setting_save(struct shop *shop, struct arena *arena, const struct setting_edit *edit,
                      struct setting_result *result) MUST_CHECK;

/* ---- legal texts ----------------------------------------------------------------------------- */

enum { LEGAL_TEXT_MAX = 60000 }; /* characters */

/* Publishes the next version of "terms" or "privacy". `version` is the one in force when the text
 * was shown (0: none): ERR_CONFLICT when it is another one by now. The text in force again changes
 * nothing. ERR_INVALID: empty, too long or not text. */
enum err setting_publish(struct shop *shop, int64_t actor_id, const char *purpose, int version,
                         const char *body, int64_t now, bool *changed) MUST_CHECK;

/* Every version, newest first. */
struct legal_version {
    int version;
    int64_t published_at, accepted; /* by how many accounts */
};
enum err setting_versions(struct db *db, struct arena *arena, const char *purpose,
                          struct legal_version **out, size_t *count) MUST_CHECK;
/* The text of one version; ERR_NOT_FOUND. */
enum err setting_version_body(struct db *db, struct arena *arena, const char *purpose, int version,
                              const char **body) MUST_CHECK;

#endif
