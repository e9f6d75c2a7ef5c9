/* Workshops and families from files: choosing one, what it would do, taking it in. */
#ifndef SITE_ADMIN_IMPORT_H
#define SITE_ADMIN_IMPORT_H

#include "http/form.h"
#include "shop/import.h"
#include "site/admin/admin.h"

enum { IMPORT_BODY_MAX = 9 << 20 }; /* 8 MB of file, and the form around it */

extern const struct form_spec import_form;

struct admin_import {
    const struct admin_page *page;
    const struct form *form;
    const char *problem; /* about the file; NULL */
    struct admin_import_columns {
        const char *title, *file; /* "Workshops", address of the template file */
        const struct import_column *columns;
    } kinds[IMPORT_KINDS];
};

struct admin_import_check {
    const struct admin_page *page;
    const struct import_file *file;
    const struct import_result *result;
    const char *address; /* of this page */
    const char *list;    /* of what it brought */
    const char *topics;  /* new ones: "Arte, Música"; NULL: none */
    struct admin_import_line {
        long line;
        const char *column, *text; /* translated; column NULL: the row */
    } * lines;
    size_t line_count;
    bool families, done;
};

void admin_import_get(struct visit *visit);
void admin_import_post(struct visit *visit);
void admin_import_check_get(struct visit *visit);
void admin_import_check_post(struct visit *visit);
void admin_import_template_get(struct visit *visit); /* {name}: workshops or families */

#endif
