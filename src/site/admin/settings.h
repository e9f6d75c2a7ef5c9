/* What the school decides about itself, section by section, and its legal texts. */
#ifndef SITE_ADMIN_SETTINGS_H
#define SITE_ADMIN_SETTINGS_H

#include "shop/setting_change.h"
#include "site/admin/admin.h"
#include "site/page.h"

extern const struct form_spec legal_form;

void settings_get(struct visit *visit);         /* /admin/settings/ */
void settings_section_get(struct visit *visit); /* /admin/settings/{name}/ */
void settings_section_post(struct visit *visit);
void settings_legal_get(struct visit *visit); /* /admin/settings/texts/{name}/ */
void settings_legal_post(struct visit *visit);

/* ---- for the templates ----------------------------------------------------------------------- */

struct settings_entry {
    const char *address, *label, *help;
};

struct settings_index {
    const struct admin_page *page;
    struct settings_entry *entries;
    size_t count;
};

struct settings_picture {
    const char *label, *help, *address; /* where it is changed */
    const struct picture_ref *picture;  /* its name NULL: none is set */
};

/* A setting that somebody else changed meanwhile. */
struct settings_theirs {
    const char *key, *label, *theirs, *mine;
};

struct settings_section {
    const struct admin_page *page;
    const char *label, *help, *action;
    const struct form *form;
    const char *version;
    struct settings_picture *pictures;
    size_t picture_count;
    struct settings_theirs *theirs;
    size_t theirs_count;
    bool warn_currency, warn_zone; /* asks whether it is meant */
    const struct page_theme *look; /* of the school's colour; NULL: not in this section */
    const char *contrast;          /* "5.2" */
};

struct settings_legal {
    const struct admin_page *page;
    const char *name, *label, *action;
    const struct form *form;
    const struct legal_version *versions;
    size_t version_count;
    int version;                   /* that the form replaces; 0: there is none yet */
    bool conflict;                 /* somebody published another one meanwhile */
    int shown;                     /* an older version that is shown; 0: none */
    const char *const *paragraphs; /* of it, or of the other one in a conflict */
    int paragraph_count;
    const struct zone *zone;
};

#endif
