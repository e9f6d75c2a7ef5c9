/* Words for the fields of the trail, taken from where the fields are declared: the table of
 * settings, the columns of records and of listings; and the page of one entry. */
#include "site/admin/trail.h"
#include "base/i18n.h"
#include "base/words.h"
#include "shop/listings.h"
#include "site/admin/admin.h"
#include "site/filters.h"
#include "site/visit.h"
#include "views.h"
#include <assert.h>
#include <cJSON.h>
#include <stdlib.h>
#include <string.h>

/* Fields that no declaration names: of deeds that are neither a form nor a list. */
static const struct {
    const char *name, *label;
} LABELS[] = {
    {"staff_role", N_("Role")},
    {"is_active", N_("Active")},
    {"status", N_("State")},
    {"version", N_("Version")},
    {"picture_hash", N_("Picture")},
    {"kind", N_("What is in the file")},
    {"added", N_("Added")},
    {"noun", N_("List")},
    {"rows", N_("Rows")},
    {"right", N_("Right")},
    {"path", N_("Address of the page")},
    {"reference", N_("Operation number")},
    {"effect", N_("Outcome")},
    {"amount_cents", N_("Amount")},
    {"recipient", N_("To")},
    {"next_attempt_at", N_("Next attempt")},
    {"reason", N_("Reason")},
    {"copy_of", N_("Copy of")},
    {"archived", N_("In the archive")},
    {"day", N_("Day")},
    {"present", N_("Present")},
    {"absent", N_("Absent")},
    {"late", N_("Late")},
    {"subject", N_("Subject")},
    {"people", N_("Families")},
    {"students", N_("Students")},
    {"what", N_("What")},
    {"cancelled", N_("Called off")},
    {"total_cents", N_("Total")},
    {"refund_cents", N_("Given back")},
    {"price_cents", N_("Price")},
    {"method", N_("Method")},
    {"operation", N_("Reported number")},
    {"decision", N_("Decision")},
    {"receipt", N_("Receipt")},
    {"student", N_("Student")},
    {"workshop", N_("Workshop")},
    {"code", N_("Order")},
};

static const struct listing_choice OUTCOMES[] = {
    {"none", N_("Nothing changed")}, {"paid", N_("Paid")},        {"partial", N_("Part of it")},
    {"review", N_("Look at it")},    {"back", N_("In the cart")}, {NULL},
};

static const struct listing_choice DECISIONS[] = {
    {"seat", N_("All seats given")},
    {"keep", N_("Kept the seats there were")},
    {"give_back", N_("All the money given back")},
    {NULL},
};

static const struct listing_choice ROLES[] = {
    {"owner", N_("Owner")},
    {"manager", N_("Manager")},
    {"desk", N_("Front desk")},
    {"instructor", N_("Instructor")},
    {NULL},
};

static const char *const FLAGS[] = {"active", "private", "is_active", "archived", "cancelled"};

static const struct noun *noun_of_entity(const char *entity) {
    for (size_t i = 0; i < NOUN_COUNT; i++)
        if (strcmp(NOUNS[i].entity, entity) == 0)
            return &NOUNS[i];
    return NULL;
}

static const struct setting_info *setting_of(const char *entity, const char *key) {
    return strcmp(entity, "setting") == 0 ? setting_find(key) : NULL;
}

static const struct listing_column *column_of(const struct noun *noun, const char *name) {
    for (const struct listing_column *c = noun ? noun->listing->columns : NULL; c && c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

static const char *label_of(const char *entity, const char *name) {
    const struct setting_info *setting = setting_of(entity, name);
    if (setting)
        return setting->label;
    const struct noun *noun = noun_of_entity(entity);
    int at = noun && noun->record ? record_column_find(noun->record, name) : -1;
    if (at >= 0)
        return noun->record->columns[at].label;
    const struct listing_column *column = column_of(noun, name);
    if (column)
        return column->label;
    for (size_t i = 0; i < ARRAY_COUNT(LABELS); i++)
        if (strcmp(LABELS[i].name, name) == 0)
            return LABELS[i].label;
    return NULL;
}

void filter_trail_field(struct out *o, const char *name, const char *entity) {
    const char *label = label_of(entity, name);
    out_text(o, label ? tr(o->lang, label) : name);
}

/* Says the value by its choice; false: it is none of them. */
static bool put_choice(struct out *o, const struct listing_choice *choices, const char *value) {
    const struct listing_choice *choice = listing_choice_find(choices, value);
    if (choice)
        out_text(o, tr(o->lang, choice->label));
    return choice != NULL;
}

void filter_trail_entity(struct out *o, const char *entity) {
    const struct listing_column *column = column_of(noun_find("audit"), "entity");
    assert(column); /* it is one of the list's own */
    if (!put_choice(o, column->choices, entity))
        out_text(o, entity);
}

/* ---- values --------------------------------------------------------------------------------- */

static bool ends_with(const char *name, const char *end) {
    size_t length = strlen(name), tail = strlen(end);
    return length >= tail && strcmp(name + length - tail, end) == 0;
}

static bool is_number(const char *text, int64_t *number) {
    char *end;
    *number = strtoll(text, &end, 10);
    return *text && !*end;
}

static bool is_flag(const char *entity, const char *name) {
    const struct setting_info *setting = setting_of(entity, name);
    if (setting)
        return setting->type == SETTING_FLAG;
    for (size_t i = 0; i < ARRAY_COUNT(FLAGS); i++)
        if (strcmp(FLAGS[i], name) == 0)
            return true;
    return false;
}

static void put_weekdays(struct out *o, int mask) {
    struct buf words = {0};
    words_weekdays(&words, o->lang, mask);
    out_text(o, buf_text(&words));
    buf_free(&words);
}

void filter_trail_value(struct out *o, const char *value, const char *entity, const char *name,
                        const char *currency, const struct zone *zone) {
    const struct listing_column *column = column_of(noun_of_entity(entity), name);
    int64_t number;
    if (!value)
        return;
    if (strcmp(name, "staff_role") == 0 && put_choice(o, ROLES, value))
        return;
    if (strcmp(name, "effect") == 0 && put_choice(o, OUTCOMES, value))
        return;
    if (strcmp(name, "decision") == 0 && put_choice(o, DECISIONS, value))
        return;
    if (strcmp(name, "right") == 0) {
        out_text(o, tr(o->lang, value));
        return;
    }
    if (column && put_choice(o, column->choices, value))
        return;
    if (is_flag(entity, name))
        out_text(o, strcmp(value, "0") == 0 ? tr(o->lang, "No") : tr(o->lang, "Yes"));
    else if (ends_with(name, "_cents") && is_number(value, &number))
        filter_money(o, number, currency);
    else if (strcmp(name, "level") == 0 && is_number(value, &number))
        filter_level(o, number);
    else if (strcmp(name, "weekdays") == 0 && is_number(value, &number))
        put_weekdays(o, (int)number);
    else if (ends_with(name, "_minute") && is_number(value, &number))
        out_format(o, "%02d:%02d", (int)(number / 60), (int)(number % 60));
    else if (ends_with(name, "_rate_bp") && is_number(value, &number))
        filter_percent(o, number);
    else if ((ends_with(name, "_at") || ends_with(name, "_until")) && is_number(value, &number))
        filter_moment_year(o, number, zone);
    else if (ends_with(name, "_date") || strcmp(name, "date_of_birth") == 0)
        filter_date_year(o, value);
    else
        out_text(o, value);
}

/* ---- one entry ------------------------------------------------------------------------------ */

/* The details of an entry are one flat JSON object of ours. */
static void load_details(struct visit *visit, const char *json, struct admin_entry *view) {
    cJSON *object = json ? cJSON_Parse(json) : NULL;
    const cJSON *item;
    cJSON_ArrayForEach(item, object) {
        view->details =
            arena_grow(visit->arena, view->details, view->detail_count, sizeof(*view->details));
        char *number = cJSON_IsString(item) ? NULL : cJSON_PrintUnformatted(item);
        view->details[view->detail_count++] = (struct audit_field){
            .name = arena_strdup(visit->arena, item->string),
            .after = cJSON_IsNull(item)
                         ? NULL
                         : arena_strdup(visit->arena, number ? number : item->valuestring)};
        cJSON_free(number);
    }
    cJSON_Delete(object);
}

/* Where the thing itself is found, if this person may see it. */
static const char *thing_of(struct visit *visit, const struct audit_entry *entry) {
    if (strcmp(entry->entity, "setting") == 0 || strcmp(entry->entity, "legal_text") == 0)
        return noun_may(visit, MAY_CHANGE_SETTINGS) ? "/admin/settings/" : NULL;
    const struct noun *noun = noun_of_entity(entry->entity);
    if (!noun || !entry->entity_id || !noun_may(visit, noun->see))
        return NULL;
    return arena_printf(visit->arena, "/admin/%s/%lld/", noun->name, (long long)entry->entity_id);
}

void trail_show(struct visit *visit, int64_t id) {
    struct audit_entry entry;
    enum err err = audit_find(visit_db(visit), visit->arena, id, &entry);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    struct admin_entry view = {.entry = &entry,
                               .thing = thing_of(visit, &entry),
                               .currency = visit->settings->currency,
                               .zone = visit->settings->zone};
    if (entry.actor_id && noun_may(visit, MAY_SEE_PEOPLE))
        view.actor = arena_printf(visit->arena, "/admin/accounts/%lld/", (long long)entry.actor_id);
    load_details(visit, entry.detail, &view);
    struct admin_page page = admin_page_start(visit, "audit", tr(visit->lang, "Entry"));
    view.page = &page;
    struct out out = visit_page(visit, 200, &page.page);
    view_admin_entry(&out, &view);
}
