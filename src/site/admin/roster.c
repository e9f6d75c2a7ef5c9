/* Rosters on the screen, on paper and as a file; attendance of a day. */
#include "site/admin/roster.h"
#include "base/csv.h"
#include "base/i18n.h"
#include "base/phone.h"
#include "site/visit.h"
#include "views.h"
#include <stdlib.h>
#include <string.h>

enum { BLANK_DAYS = 8, EARLIER_DAYS = 6 };

#define MARK "state-" /* and the inscription's id: a field of the form */

static const char *iso(struct visit *visit, struct date date) {
    char text[DATE_TEXT_SIZE];
    date_format(date, text);
    return arena_strdup(visit->arena, text);
}

/* ---- what every page needs ------------------------------------------------------------------ */

static void fill_rows(struct visit *visit, const struct roster *roster, struct admin_roster *view) {
    view->rows = arena_array(visit->arena, roster->count, sizeof(*view->rows));
    for (size_t i = 0; i < roster->count; i++) {
        const struct roster_line *line = &roster->lines[i];
        const char *dial = phone_dial(visit->arena, line->phone, line->country);
        view->rows[i] = (struct admin_roster_row){
            .line = line,
            .name = arena_printf(visit->arena, "%s %s", line->first_name, line->last_name),
            .dial = dial ? arena_printf(visit->arena, "tel:%s", dial) : NULL,
            .whatsapp = phone_international(visit->arena, line->phone, line->country)};
    }
}

/* False, and answered: not there, or not this person's. */
static bool begin(struct visit *visit, struct roster *roster, struct admin_roster *view) {
    int64_t id = visit_id(visit, 0);
    enum err err = roster_read(visit_db(visit), visit->arena, id, admin_own(visit),
                               visit_today(visit), visit->now, roster);
    if (err) {
        visit_fail(visit, err);
        return false;
    }
    *view = (struct admin_roster){
        .roster = roster,
        .address = arena_printf(visit->arena, "/admin/workshops/%lld/", (long long)id),
        .may_see_orders = noun_may(visit, MAY_SEE_ORDERS),
        .may_take_attendance = noun_may(visit, MAY_TAKE_ATTENDANCE),
        .zone = visit->settings->zone};
    fill_rows(visit, roster, view);
    return true;
}

/* Whoever looks at people's data leaves a line in the trail. */
static void note(struct visit *visit, const char *action, const struct roster *roster) {
    const char *detail =
        arena_printf(visit->arena, "{\"what\": \"roster\", \"students\": %zu}", roster->count);
    audit_note(visit_shop(visit), visit->session.account_id, action, "workshop",
               roster->workshop.id, detail);
}

/* ---- the roster ----------------------------------------------------------------------------- */

/* The next days to be ticked off by hand; without days just room for them. */
static void fill_blank(struct visit *visit, const struct roster *roster,
                       struct admin_roster *view) {
    struct date today = visit_today(visit);
    const char **blank = arena_array(visit->arena, BLANK_DAYS, sizeof(*blank));
    size_t count = 0;
    for (size_t i = 0; i < roster->days.count && count < BLANK_DAYS; i++)
        if (date_compare(roster->days.items[i], today) >= 0)
            blank[count++] = iso(visit, roster->days.items[i]);
    while (count < BLANK_DAYS)
        blank[count++] = "";
    view->blank = blank;
    view->blank_count = count;
}

void admin_roster_get(struct visit *visit) {
    struct roster roster;
    struct admin_roster view;
    if (!begin(visit, &roster, &view))
        return;
    note(visit, "view", &roster);
    bool print = visit_query(visit, "print") != NULL;
    if (print)
        fill_blank(visit, &roster, &view);
    struct admin_page page = admin_page_start(visit, "workshops", tr(visit->lang, "Roster"));
    view.page = &page;
    struct out out = visit_page(visit, 200, &page.page);
    if (print)
        view_admin_roster_print(&out, &view);
    else
        view_admin_roster(&out, &view);
}

/* ---- as a file ------------------------------------------------------------------------------ */

static const char *state_label(enum attendance state) {
    static const char *const LABELS[ATTENDANCE_STATES] = {
        [ATTENDANCE_NONE] = NULL,
        [ATTENDANCE_PRESENT] = N_("Present"),
        [ATTENDANCE_LATE] = N_("Late"),
        [ATTENDANCE_ABSENT] = N_("Absent"),
    };
    return LABELS[state];
}

static void put_headings(struct visit *visit, struct buf *out, const struct roster *roster) {
    static const char *const LABELS[] = {
        N_("First name"), N_("Last name"), N_("Date of birth"),    N_("Age"),
        N_("Parent"),     N_("Mobile"),    N_("E-mail"),           N_("Emergency contact"),
        N_("Notes"),      N_("Order"),     N_("State of payment"),
    };
    csv_begin(out);
    for (size_t i = 0; i < ARRAY_COUNT(LABELS); i++)
        csv_text(out, i == 0, tr(visit->lang, LABELS[i]));
    for (size_t i = 0; i < roster->days.count; i++)
        csv_text(out, false, iso(visit, roster->days.items[i]));
    csv_end_row(out);
}

static void put_line(struct visit *visit, struct buf *out, const struct roster *roster,
                     const struct roster_line *line) {
    csv_text(out, true, line->first_name);
    csv_text(out, false, line->last_name);
    csv_text(out, false, iso(visit, line->birth));
    csv_int(out, false, line->age);
    csv_text(out, false, line->parent);
    csv_digits(out, false, line->phone);
    csv_text(out, false, line->email);
    csv_text(out, false, line->emergency_contact);
    csv_text(out, false, line->notes);
    csv_text(out, false, line->code);
    csv_text(out, false,
             tr(visit->lang, !line->paid         ? N_("Waits for payment")
                             : line->price_cents ? N_("Paid")
                                                 : N_("Free")));
    for (size_t i = 0; i < roster->days.count; i++) {
        const char *label = state_label(roster_state(line, roster->days.items[i]));
        csv_text(out, false, label ? tr(visit->lang, label) : NULL);
    }
    csv_end_row(out);
}

void admin_roster_file_get(struct visit *visit) {
    struct roster roster;
    struct admin_roster view;
    if (!begin(visit, &roster, &view))
        return;
    struct buf *out = &visit->response->body;
    put_headings(visit, out, &roster);
    for (size_t i = 0; i < roster.count; i++)
        put_line(visit, out, &roster, &roster.lines[i]);
    note(visit, "export", &roster);
    visit_csv(visit, roster.workshop.slug, false);
}

/* ---- attendance ----------------------------------------------------------------------------- */

static bool noted(const struct roster *roster, struct date day) {
    for (size_t i = 0; i < roster->count; i++)
        if (roster_state(&roster->lines[i], day))
            return true;
    return false;
}

/* The last days before this one of which something was noted, oldest first. */
static size_t earlier_days(const struct roster *roster, struct date day,
                           struct date found[EARLIER_DAYS]) {
    size_t count = 0;
    for (size_t i = roster->days.count; i-- > 0 && count < EARLIER_DAYS;)
        if (date_compare(roster->days.items[i], day) < 0 && noted(roster, roster->days.items[i]))
            found[count++] = roster->days.items[i];
    for (size_t i = 0; i < count / 2; i++) {
        struct date swapped = found[i];
        found[i] = found[count - 1 - i];
        found[count - 1 - i] = swapped;
    }
    return count;
}

static const char **iso_days(struct visit *visit, const struct date *days, size_t count) {
    const char **texts = arena_array(visit->arena, count, sizeof(*texts));
    for (size_t i = 0; i < count; i++)
        texts[i] = iso(visit, days[i]);
    return texts;
}

/* What was noted, or, with a form that was refused, what was chosen there. */
static enum attendance shown_state(struct visit *visit, const struct roster_line *line,
                                   struct date day) {
    enum attendance state = roster_state(line, day);
    const char *sent =
        fields_get(&visit->request->form,
                   arena_printf(visit->arena, MARK "%lld", (long long)line->inscription_id));
    if (sent)
        (void)attendance_parse(sent, &state); /* nonsense leaves what was noted */
    return state;
}

static void fill_day(struct visit *visit, const struct roster *roster, struct date day,
                     struct admin_roster *view) {
    struct date found[EARLIER_DAYS];
    view->day = iso(visit, day);
    view->earlier_count = earlier_days(roster, day, found);
    view->earlier = iso_days(visit, found, view->earlier_count);
    for (size_t i = 0; i < roster->count; i++) {
        struct admin_roster_row *row = &view->rows[i];
        enum attendance *was = arena_array(visit->arena, view->earlier_count, sizeof(*was));
        for (size_t d = 0; d < view->earlier_count; d++)
            was[d] = roster_state(row->line, found[d]);
        row->was = was;
        row->state = shown_state(visit, row->line, day);
        view->totals[row->state]++;
    }
}

static void show_attendance(struct visit *visit, const char *asked, const char *problem,
                            int status) {
    struct roster roster;
    struct admin_roster view;
    struct date day;
    if (!begin(visit, &roster, &view))
        return;
    view.problem = problem;
    view.day_count = roster.days.count;
    view.days = iso_days(visit, roster.days.items, roster.days.count);
    if (!asked || !date_parse(asked, &day))
        day = roster_day(&roster, visit_today(visit));
    if (roster.days.count)
        fill_day(visit, &roster, day, &view);
    struct admin_page page = admin_page_start(visit, "workshops", tr(visit->lang, "Attendance"));
    view.page = &page;
    struct out out = visit_page(visit, status, &page.page);
    view_admin_attendance(&out, &view);
}

void admin_attendance_get(struct visit *visit) {
    show_attendance(visit, visit_query(visit, "day"), NULL, 200);
}

/* The marks of the form. False: something in it is none. */
static bool read_marks(struct visit *visit, struct attendance_mark **out, size_t *count) {
    const struct fields *fields = &visit->request->form;
    struct attendance_mark *marks = arena_array(visit->arena, fields->count, sizeof(*marks));
    *count = 0;
    for (size_t i = 0; i < fields->count; i++) {
        const struct field *field = &fields->items[i];
        if (strncmp(field->name, MARK, strlen(MARK)) != 0)
            continue;
        struct attendance_mark *mark = &marks[(*count)++];
        mark->inscription_id = strtoll(field->name + strlen(MARK), NULL, 10);
        if (!attendance_parse(field->value, &mark->state))
            return false;
    }
    *out = marks;
    return true;
}

void admin_attendance_post(struct visit *visit) {
    const char *asked = fields_get(&visit->request->form, "day");
    struct attendance_mark *marks;
    struct attendance_result result = {0};
    struct date day;
    size_t count;
    if (!asked || !date_parse(asked, &day) || !read_marks(visit, &marks, &count)) {
        visit_error(visit, 400);
        return;
    }
    const struct attendance_request request = {.actor_id = visit->session.account_id,
                                               .own = admin_own(visit),
                                               .workshop_id = visit_id(visit, 0),
                                               .day = day,
                                               .marks = marks,
                                               .count = count};
    enum err err = attendance_save(visit_shop(visit), visit->arena, &request, visit->now, &result);
    if (err == ERR_REFUSED) {
        show_attendance(visit, result.refusal == ATTENDANCE_NO_DAY ? NULL : asked,
                        tr(visit->lang, result.refusal == ATTENDANCE_NO_DAY
                                            ? N_("The workshop does not take place on that day.")
                                            : N_("Somebody has left this workshop meanwhile. "
                                                 "Please look through the list again.")),
                        422);
        return;
    }
    if (err) {
        visit_fail(visit, err);
        return;
    }
    visit_flash(
        visit, result.changed ? FLASH_SUCCESS : FLASH_NOTICE,
        tr(visit->lang, result.changed ? N_("Attendance saved.") : N_("Nothing was different.")));
    visit_redirect(visit, "/admin/workshops/%lld/attendance/?day=%s", (long long)visit_id(visit, 0),
                   asked);
}
