/* From an address to a period and back. */
#include "site/admin/period.h"
#include "base/i18n.h"
#include "site/visit.h"
#include <stdlib.h>
#include <string.h>

#define PRESET_USUAL "12-months"
#define PRESET_ALL "all"

static const struct form_choice PRESETS[] = {
    {"month", N_("This month")},    {"30-days", N_("Last 30 days")},
    {"year", N_("This year")},      {PRESET_USUAL, N_("Last 12 months")},
    {PRESET_ALL, N_("Everything")}, {NULL},
};

static const struct form_choice LEVELS[] = {
    {"1", N_("Beginner")}, {"2", N_("Intermediate")}, {"3", N_("Advanced")}, {NULL}};

static const struct form_field FIELDS[PERIOD_FIELDS] = {
    [PERIOD_PRESET] = {.name = "period",
                       .kind = FORM_CHOICE,
                       .label = N_("Period"),
                       .choices = PRESETS},
    [PERIOD_FROM] = {.name = "from", .kind = FORM_DATE, .label = N_("From"), .unmarked = true},
    [PERIOD_TO] = {.name = "to", .kind = FORM_DATE, .label = N_("Until"), .unmarked = true},
    [PERIOD_TOPIC] = {.name = "topic", .kind = FORM_CHOICE, .label = N_("Topic"), .unmarked = true},
    [PERIOD_LEVEL] = {.name = "level",
                      .kind = FORM_CHOICE,
                      .label = N_("Level"),
                      .choices = LEVELS,
                      .unmarked = true},
};
static const struct form_spec SPEC = {FIELDS, PERIOD_FIELDS};

/* ---- days ----------------------------------------------------------------------------------- */

/* The day of a year ago and one more, so that twelve whole months end today. */
static struct date year_before(struct date today) {
    bool leap_day = today.month == 2 && today.day == 29;
    struct date then = {today.year - 1, today.month, leap_day ? 28 : today.day};
    return date_add_days(then, 1);
}

static void preset_days(const char *preset, struct date today, struct date *from, struct date *to) {
    *from = *to = (struct date){0};
    if (strcmp(preset, PRESET_ALL) == 0)
        return;
    *to = today;
    if (strcmp(preset, "month") == 0)
        *from = (struct date){today.year, today.month, 1};
    else if (strcmp(preset, "30-days") == 0)
        *from = date_add_days(today, -29);
    else if (strcmp(preset, "year") == 0)
        *from = (struct date){today.year, 1, 1};
    else
        *from = year_before(today);
}

static bool same_day(struct date a, struct date b) {
    return date_is_set(a) == date_is_set(b) && (!date_is_set(a) || date_compare(a, b) == 0);
}

/* The form carries the name of the period it was shown for, and its days: whoever did not touch the
 * days means the name. Without any days the name, or the usual one, is all there is. */
static const char *preset_of(const struct visit *visit, const struct form *form,
                             struct date today) {
    const struct form_entry *entry = &form->entries[PERIOD_PRESET];
    struct date from, to;
    if (!visit_query(visit, "from") && !visit_query(visit, "to"))
        return entry->given ? entry->text : PRESET_USUAL;
    if (!form_given(form, PERIOD_FROM) && !form_given(form, PERIOD_TO))
        return PRESET_ALL;
    if (!entry->given)
        return "";
    preset_days(entry->text, today, &from, &to);
    return same_day(from, form->entries[PERIOD_FROM].date) &&
                   same_day(to, form->entries[PERIOD_TO].date)
               ? entry->text
               : "";
}

static void set_date(struct form *form, size_t field, struct date date) {
    char text[DATE_TEXT_SIZE];
    date_format(date, text);
    form_set(form, field, arena_strdup(form->arena, text));
}

static void set_days(struct period *period, struct date today) {
    struct form *form = &period->form;
    struct report_filter *filter = &period->filter;
    if (*period->preset) {
        preset_days(period->preset, today, &filter->from, &filter->to);
        set_date(form, PERIOD_FROM, filter->from);
        set_date(form, PERIOD_TO, filter->to);
    } else {
        filter->from = form->entries[PERIOD_FROM].date;
        filter->to = form->entries[PERIOD_TO].date;
    }
    period->before = *filter;
    struct date last = date_is_set(filter->to) ? filter->to : today;
    if (!date_is_set(filter->from) || date_compare(filter->from, last) > 0)
        return;
    int64_t days = date_to_days(last) - date_to_days(filter->from) + 1;
    period->before.from = date_add_days(filter->from, -days);
    period->before.to = date_add_days(filter->from, -1);
    period->has_before = true;
}

/* ---- addresses ------------------------------------------------------------------------------ */

static const char *parameter(const struct period *period, size_t field) {
    const struct form *form = &period->form;
    if (!form_given(form, field))
        return "";
    return arena_printf(form->arena, "&%s=%s", form->spec->fields[field].name,
                        form_text(form, field));
}

/* Values were checked: none has a letter that would have to be escaped. */
static const char *query_of(const struct period *period, const char *preset) {
    const char *topic = parameter(period, PERIOD_TOPIC), *level = parameter(period, PERIOD_LEVEL);
    if (*preset)
        return arena_printf(period->form.arena, "?period=%s%s%s", preset, topic, level);
    return arena_printf(period->form.arena, "?from=%s&to=%s%s%s",
                        form_text(&period->form, PERIOD_FROM), form_text(&period->form, PERIOD_TO),
                        topic, level);
}

static void set_presets(struct period *period, enum lang lang) {
    period->presets =
        arena_array(period->form.arena, ARRAY_COUNT(PRESETS), sizeof(*period->presets));
    for (const struct form_choice *c = PRESETS; c->value; c++)
        period->presets[period->preset_count++] =
            (struct period_preset){c->value, tr(lang, c->label), query_of(period, c->value),
                                   strcmp(c->value, period->preset) == 0};
}

/* ---- reading -------------------------------------------------------------------------------- */

static void offer_topics(struct form *form, const struct topics *topics) {
    struct form_choice *choices = arena_array(form->arena, topics->count + 1, sizeof(*choices));
    for (size_t i = 0; i < topics->count; i++)
        choices[i] =
            (struct form_choice){arena_printf(form->arena, "%lld", (long long)topics->items[i].id),
                                 topics->items[i].name};
    form_offer(form, PERIOD_TOPIC, choices);
}

bool period_read(struct visit *visit, const struct topics *topics, struct period *out) {
    const struct date today = visit_today(visit);
    *out = (struct period){.form =
                               form_parse(&SPEC, &visit->request->query, visit->arena, visit->lang),
                           .preset = "",
                           .query = ""};
    struct form *form = &out->form;
    offer_topics(form, topics);
    if (form_ok(form) && form_given(form, PERIOD_FROM) && form_given(form, PERIOD_TO) &&
        date_compare(form->entries[PERIOD_FROM].date, form->entries[PERIOD_TO].date) > 0)
        form_refuse(form, PERIOD_TO, N_("This day is before the first one."));
    if (!form_ok(form)) {
        out->presets = NULL;
        return false;
    }
    out->preset = preset_of(visit, form, today);
    if (form_given(form, PERIOD_TOPIC)) {
        out->filter.topic_id = strtoll(form_text(form, PERIOD_TOPIC), NULL, 10);
        out->topic_name =
            form->entries[PERIOD_TOPIC].choices[form_number(form, PERIOD_TOPIC)].label;
    }
    if (form_given(form, PERIOD_LEVEL))
        out->filter.level = (int)strtol(form_text(form, PERIOD_LEVEL), NULL, 10);
    set_days(out, today);
    out->query = query_of(out, out->preset);
    set_presets(out, visit->lang);
    return true;
}
