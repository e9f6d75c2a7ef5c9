/* The sections of the settings as forms, made from the table of settings. */
#include "site/admin/settings.h"
#include "base/i18n.h"
#include "base/money.h"
#include "base/zone.h"
#include "site/visit.h"
#include "views.h"
#include <assert.h>
#include <ctype.h>
#include <string.h>

#define SETTINGS "/admin/settings/"

static const struct section {
    const char *name, *label, *help;
    enum permission right;
    bool sensitive; /* asks again after a while who it is */
} SECTIONS[SETTING_SECTIONS] = {
    [SETTINGS_SCHOOL] = {"school", N_("The school"), N_("Name, promise, logo and colour"),
                         MAY_CHANGE_SETTINGS},
    [SETTINGS_CONTACT] = {"contact", N_("Contact"), N_("How families reach you"),
                          MAY_CHANGE_SETTINGS},
    [SETTINGS_LEGAL] = {"legal", N_("Legal lines"),
                        N_("Legal name, tax number, complaints book, cancellation"),
                        MAY_CHANGE_SETTINGS},
    [SETTINGS_MAIL] = {"mail", N_("Sender of mail"), N_("From and where answers go"),
                       MAY_CHANGE_SETTINGS},
    [SETTINGS_MONEY] = {"money", N_("Money"), N_("Currency, tax, document of who pays"),
                        MAY_CHANGE_SETTINGS},
    [SETTINGS_PAYMENT] = {"payment", N_("Payment"), N_("Bank account and mobile wallet"),
                          MAY_CHANGE_SETTINGS, true},
    [SETTINGS_SEATS] = {"seats", N_("Seats"), N_("How long seats and transfers wait"),
                        MAY_CHANGE_SETTINGS},
    [SETTINGS_ACCOUNTS] = {"accounts", N_("Accounts"), N_("Confirmation by e-mail, limits"),
                           MAY_CHANGE_SETTINGS},
    [SETTINGS_STAFF] = {"staff", N_("Staff"), N_("How the team signs in"), MAY_REQUIRE_CODES, true},
    [SETTINGS_PLACE] = {"place", N_("Place and language"), N_("Time zone, language"),
                        MAY_CHANGE_SETTINGS},
};

/* ---- the index ------------------------------------------------------------------------------ */

void settings_get(struct visit *visit) {
    static const struct settings_entry TEXTS[] = {
        {SETTINGS "texts/terms/", N_("Terms"),
         N_("What families accept when they sign up and pay")},
        {SETTINGS "texts/privacy/", N_("Privacy"), N_("What you do with people's data")},
        {"/admin/mail/delivery/", N_("Delivery of mail"), N_("The mail server, a test mail")},
        {"/admin/backups/", N_("Backups"), N_("The last copy of everything, and one more now")},
    };
    struct settings_index view = {.entries = arena_array(visit->arena,
                                                         SETTING_SECTIONS + ARRAY_COUNT(TEXTS),
                                                         sizeof(*view.entries))};
    for (size_t i = 0; i < SETTING_SECTIONS; i++)
        if (noun_may(visit, SECTIONS[i].right))
            view.entries[view.count++] = (struct settings_entry){
                arena_printf(visit->arena, SETTINGS "%s/", SECTIONS[i].name),
                tr(visit->lang, SECTIONS[i].label), tr(visit->lang, SECTIONS[i].help)};
    for (size_t i = 0; i < ARRAY_COUNT(TEXTS); i++)
        view.entries[view.count++] = (struct settings_entry){
            TEXTS[i].address, tr(visit->lang, TEXTS[i].label), tr(visit->lang, TEXTS[i].help)};
    struct admin_page page = admin_page_start(visit, "settings", tr(visit->lang, "Settings"));
    view.page = &page;
    struct out out = visit_page(visit, 200, &page.page);
    view_admin_settings(&out, &view);
}

/* ---- a section as a form -------------------------------------------------------------------- */

/* One section on its way: its rows of the table, and the form with a field for each but pictures.
 */
struct work {
    enum setting_section section;
    const struct setting_info *items;
    size_t count;
    struct form_spec spec;
};

static enum form_kind kind_of(enum setting_type type) {
    static const enum form_kind KINDS[] = {
        [SETTING_LINE] = FORM_TEXT,       [SETTING_TEXT] = FORM_LINES,
        [SETTING_FLAG] = FORM_CHECK,      [SETTING_INT] = FORM_INTEGER,
        [SETTING_PERCENT] = FORM_MONEY,   [SETTING_EMAIL] = FORM_EMAIL,
        [SETTING_URL] = FORM_TEXT,        [SETTING_COLOR] = FORM_COLOR,
        [SETTING_DIGITS] = FORM_TEXT,     [SETTING_PICTURE] = FORM_HIDDEN,
        [SETTING_CURRENCY] = FORM_CHOICE, [SETTING_ZONE] = FORM_CHOICE,
        [SETTING_LANGUAGE] = FORM_CHOICE,
    };
    return KINDS[type];
}

static const struct form_choice *currency_choices(struct arena *arena) {
    size_t count = money_currency_count();
    struct form_choice *choices = arena_array(arena, count + 1, sizeof(*choices));
    for (size_t i = 0; i < count; i++) {
        const char *code = money_currency(i);
        choices[i] =
            (struct form_choice){code, arena_printf(arena, "%s (%s)", code, money_symbol(code))};
    }
    return choices;
}

static const struct form_choice *zone_choices(struct arena *arena) {
    size_t count = zone_count();
    struct form_choice *choices = arena_array(arena, count + 1, sizeof(*choices));
    for (size_t i = 0; i < count; i++)
        choices[i] = (struct form_choice){zone_name(i), zone_name(i)};
    return choices;
}

static const struct form_choice *choices_of(struct arena *arena, enum setting_type type) {
    static const struct form_choice LANGUAGES[] = {
        {"es", N_("Spanish")}, {"en", N_("English")}, {NULL}};
    return type == SETTING_CURRENCY   ? currency_choices(arena)
           : type == SETTING_ZONE     ? zone_choices(arena)
           : type == SETTING_LANGUAGE ? LANGUAGES
                                      : NULL;
}

static struct form_field field_of(struct arena *arena, const struct setting_info *item) {
    bool text =
        item->type == SETTING_LINE || item->type == SETTING_TEXT || item->type == SETTING_URL;
    bool bounded = text || item->type == SETTING_INT;
    return (struct form_field){
        .name = item->key,
        .kind = kind_of(item->type),
        .label = item->label,
        .hint = item->help,
        .required = item->fallback && item->type != SETTING_FLAG,
        .unmarked = item->type == SETTING_COLOR,
        .min = bounded ? (int)item->min : 0,
        .max = bounded ? (int)item->max : 0,
        .choices = choices_of(arena, item->type),
    };
}

/* The section of the address; false: there is none, or not for this person, and that is said. */
static bool begin(struct visit *visit, struct work *work) {
    const char *name = visit_name(visit, 0);
    size_t at = 0;
    while (at < SETTING_SECTIONS && strcmp(SECTIONS[at].name, name) != 0)
        at++;
    if (at == SETTING_SECTIONS) {
        visit_error(visit, 404);
        return false;
    }
    if (!noun_may(visit, SECTIONS[at].right)) {
        visit_forbidden(visit, SECTIONS[at].right);
        return false;
    }
    if (SECTIONS[at].sensitive && !visit_fresh(visit)) {
        visit_ask_again(visit);
        return false;
    }
    *work = (struct work){.section = (enum setting_section)at};
    work->items = setting_section(work->section, &work->count);
    struct form_field *fields = arena_array(visit->arena, work->count, sizeof(*fields));
    for (size_t i = 0; i < work->count; i++)
        if (work->items[i].type != SETTING_PICTURE)
            fields[work->spec.count++] = field_of(visit->arena, &work->items[i]);
    work->spec.fields = fields;
    return true;
}

static size_t item_of(const struct work *work, const struct form_field *field) {
    size_t i = 0;
    while (strcmp(work->items[i].key, field->name) != 0)
        i++;
    return i;
}

/* ---- between the form and the values -------------------------------------------------------- */

/* A stored value as its field shows it. */
static const char *as_typed(struct arena *arena, const struct setting_info *item,
                            const char *value) {
    if (item->type == SETTING_COLOR)
        return value ? value : PAGE_THEME_HOUSE;
    if (item->type != SETTING_PERCENT || !value)
        return value;
    struct buf text = {0};
    money_print_plain(&text, strtoll(value, NULL, 10));
    const char *typed = arena_strdup(arena, buf_text(&text));
    buf_free(&text);
    return typed;
}

/* Numbers are typed as people write them: "+51 987 654 321". */
static const char *digits_of(struct arena *arena, const char *text) {
    char *digits = arena_alloc(arena, strlen(text) + 1), *out = digits;
    for (const char *p = text; *p; p++)
        if (!strchr(" +()-.", *p))
            *out++ = *p;
    return digits;
}

/* A field as its value is stored; NULL: not set. */
static const char *as_stored(struct arena *arena, const struct setting_info *item,
                             const struct form_entry *entry) {
    if (item->type == SETTING_FLAG)
        return entry->number ? "1" : "0";
    if (!entry->given)
        return NULL;
    if (item->type == SETTING_INT || item->type == SETTING_PERCENT)
        return arena_printf(arena, "%lld", (long long)entry->number);
    if (item->type == SETTING_DIGITS)
        return digits_of(arena, entry->text);
    if (item->type == SETTING_COLOR && strcasecmp(entry->text, PAGE_THEME_HOUSE) == 0)
        return NULL;
    return entry->text;
}

/* What the form says; pictures stay as they are. */
static const char **wanted(struct visit *visit, const struct work *work,
                           const struct setting_values *in_force, const struct form *form) {
    const char **values = arena_array(visit->arena, work->count, sizeof(*values));
    memcpy(values, in_force->values, work->count * sizeof(*values));
    for (size_t i = 0; i < form->count; i++) {
        size_t at = item_of(work, form->entries[i].field);
        values[at] = as_stored(visit->arena, &work->items[at], &form->entries[i]);
    }
    return values;
}

static const char *why_bad(enum setting_type type) {
    static const char *const WORDS[] = {
        [SETTING_LINE] = N_("Please write it shorter, or longer, or without unusual characters."),
        [SETTING_TEXT] = N_("Please write it shorter, or without unusual characters."),
        [SETTING_FLAG] = N_("Please choose one of the options."),
        [SETTING_INT] = N_("This number is too small or too large."),
        [SETTING_PERCENT] = N_("Between 0 and 100 percent."),
        [SETTING_EMAIL] = N_("This does not look like an e-mail address."),
        [SETTING_URL] = N_("Please paste the whole address; it begins with https://."),
        [SETTING_COLOR] = N_("Please type a colour like #0e5f59."),
        [SETTING_DIGITS] = N_("8 to 15 digits, with the country code."),
        [SETTING_PICTURE] = N_("This picture is not there any more."),
        [SETTING_CURRENCY] = N_("Please choose one of the options."),
        [SETTING_ZONE] = N_("Please choose one of the options."),
        [SETTING_LANGUAGE] = N_("Please choose one of the options."),
    };
    return WORDS[type];
}

/* ---- pages ---------------------------------------------------------------------------------- */

static void add_pictures(struct visit *visit, const struct work *work,
                         struct settings_section *view) {
    view->pictures = arena_array(visit->arena, work->count, sizeof(*view->pictures));
    for (size_t i = 0; i < work->count; i++)
        if (work->items[i].type == SETTING_PICTURE)
            view->pictures[view->picture_count++] = (struct settings_picture){
                tr(visit->lang, work->items[i].label), tr(visit->lang, work->items[i].help),
                arena_printf(visit->arena, SETTINGS "picture/%s/", work->items[i].key),
                (const struct picture_ref *)(const void *)((const char *)visit->settings +
                                                           work->items[i].offset)};
}

static void add_look(struct visit *visit, struct page_theme *look, struct settings_section *view) {
    const char *color = visit->settings->color ? visit->settings->color : PAGE_THEME_HOUSE;
    page_theme_look(color, look);
    view->look = look;
    view->contrast =
        arena_printf(visit->arena, "%d.%d", look->contrast / 100, look->contrast / 10 % 10);
}

static void show(struct visit *visit, const struct work *work, struct settings_section *view,
                 int status) {
    const struct section *section = &SECTIONS[work->section];
    struct page_theme *look = arena_alloc(visit->arena, sizeof(*look));
    view->label = tr(visit->lang, section->label);
    view->help = tr(visit->lang, section->help);
    view->action = arena_printf(visit->arena, SETTINGS "%s/", section->name);
    add_pictures(visit, work, view);
    if (work->section == SETTINGS_SCHOOL)
        add_look(visit, look, view);
    struct admin_page *page = admin_page_make(visit, "settings", view->label);
    page->page.form = view->form;
    view->page = page;
    struct out out = visit_page(visit, status, &page->page);
    view_admin_section(&out, view);
}

void settings_section_get(struct visit *visit) {
    struct work work;
    struct setting_values values;
    if (!begin(visit, &work))
        return;
    enum err err = setting_values_read(visit_db(visit), visit->arena, work.section, &values);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    struct form form = form_empty(&work.spec, visit->arena, visit->lang);
    for (size_t i = 0; i < form.count; i++) {
        size_t at = item_of(&work, form.entries[i].field);
        form_set(&form, i, as_typed(visit->arena, &work.items[at], values.values[at]));
    }
    struct settings_section view = {.form = &form, .version = values.version};
    show(visit, &work, &view, 200);
}

static void refuse(const struct work *work, const struct setting_result *result,
                   struct form *form) {
    for (size_t i = 0; i < form->count; i++) {
        size_t at = item_of(work, form->entries[i].field);
        if (result->bad && result->bad[at])
            form_refuse(form, i, why_bad(work->items[at].type));
    }
}

static void add_theirs(struct visit *visit, const struct work *work, const char **mine,
                       const struct setting_values *theirs, struct settings_section *view) {
    assert(theirs->values); /* a conflict always brings them */
    view->theirs = arena_array(visit->arena, work->count, sizeof(*view->theirs));
    for (size_t i = 0; i < work->count; i++) {
        const char *ours = mine[i] ? mine[i] : work->items[i].fallback;
        const char *other = theirs->values[i];
        if (ours != other && (!ours || !other || strcmp(ours, other) != 0))
            view->theirs[view->theirs_count++] = (struct settings_theirs){
                work->items[i].key, tr(visit->lang, work->items[i].label), other, ours};
    }
    view->version = theirs->version;
}

void settings_section_post(struct visit *visit) {
    struct work work;
    struct setting_values in_force;
    struct setting_result result = {0};
    if (!begin(visit, &work))
        return;
    struct form form = form_parse(&work.spec, &visit->request->form, visit->arena, visit->lang);
    struct settings_section view = {.form = &form,
                                    .version = fields_get(&visit->request->form, "version")};
    enum err err = setting_values_read(visit_db(visit), visit->arena, work.section, &in_force);
    const char **values = err ? NULL : wanted(visit, &work, &in_force, &form);
    const struct setting_edit edit = {.actor_id = visit->session.account_id,
                                      .section = work.section,
                                      .version = view.version,
                                      .values = values,
                                      .confirmed =
                                          fields_get(&visit->request->form, "confirmed") != NULL};
    if (!err)
        err = form_ok(&form) ? setting_save(visit_shop(visit), visit->arena, &edit, &result)
                             : ERR_REFUSED;
    if (err == ERR_REFUSED || err == ERR_CONFLICT) {
        refuse(&work, &result, &form);
        view.warn_currency = result.warnings & SETTING_WARN_CURRENCY;
        view.warn_zone = result.warnings & SETTING_WARN_ZONE;
        if (err == ERR_CONFLICT)
            add_theirs(visit, &work, values, &result.theirs, &view);
        show(visit, &work, &view, err == ERR_CONFLICT ? 409 : 422);
        return;
    }
    if (err) {
        visit_fail(visit, err);
        return;
    }
    visit_flash(visit, result.changed ? FLASH_SUCCESS : FLASH_NOTICE,
                tr(visit->lang, result.changed ? N_("Saved.") : N_("Nothing was different.")));
    visit_redirect(visit, SETTINGS "%s/", SECTIONS[work.section].name);
}
