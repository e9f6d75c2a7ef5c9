/* Workshops as staff list them. */
#include "shop/listings.h"

#define CONFIRMED                                                    \
    "(SELECT count(*) FROM inscription i WHERE i.workshop_id = w.id" \
    " AND i.status = 'confirmed')"

/* Not a column of its own: what the flags and dates add up to. */
#define STATE                                                              \
    "CASE WHEN w.cancelled_at IS NOT NULL THEN 'cancelled'"                \
    " WHEN w.archived_at IS NOT NULL THEN 'archived'"                      \
    " WHEN w.active = 0 THEN 'inactive' WHEN w.private = 1 THEN 'private'" \
    " ELSE 'active' END"

static const struct listing_choice STATES[] = {
    {"active", N_("On sale"), .sql = "w.active = 1 AND w.private = 0", .tone = TONE_OK},
    {"private", N_("Private"), .sql = "w.active = 1 AND w.private = 1", .tone = TONE_PLAIN},
    {"inactive", N_("Not shown"),
     .sql = "w.active = 0 AND w.archived_at IS NULL AND w.cancelled_at IS NULL", .tone = TONE_OFF},
    {"cancelled", N_("Called off"), .sql = "w.cancelled_at IS NOT NULL", .tone = TONE_BAD},
    {"archived", N_("Archived"), .sql = "w.archived_at IS NOT NULL", .tone = TONE_OFF},
    {NULL},
};

static const struct listing_choice SEATS[] = {
    {"free", N_("Seats left"), .sql = "w.capacity IS NULL OR w.seats_taken < w.capacity"},
    {"full", N_("Full"), .sql = "w.seats_taken >= w.capacity"},
    {"empty", N_("Nobody yet"), .sql = "w.seats_taken = 0"},
    {NULL},
};

static const struct listing_choice LEVELS[] = {
    {"1", N_("Beginner"), .sql = "w.level = 1"},
    {"2", N_("Intermediate"), .sql = "w.level = 2"},
    {"3", N_("Advanced"), .sql = "w.level = 3"},
    {NULL},
};

const struct listing workshop_listing = {
    .from = "workshop w LEFT JOIN topic t ON t.id = w.topic_id",
    .id = "w.id",
    .order = "w.start_date",
    .newest_first = true,
    .search = "w.id IN (SELECT rowid FROM workshop_fts WHERE workshop_fts MATCH {words})"
              " OR w.slug = {}",
    .own = "w.id IN (SELECT workshop_id FROM workshop_instructor WHERE account_id = {})",
    .columns =
        (const struct listing_column[]){
            {"title", N_("Workshop"), "w.title", LISTING_TEXT, .sort = true},
            {"topic", N_("Topic"), "t.name", LISTING_TEXT, .sort = true, .link = "topics",
             .link_id = "t.id"},
            {"start_date", N_("Start"), "w.start_date", LISTING_DATE, .sort = true},
            {"end_date", N_("End"), "w.end_date", LISTING_DATE, .file_only = true},
            {"price", N_("Price"), "coalesce(w.discount_price_cents, w.price_cents)", LISTING_MONEY,
             .sort = true},
            {"enrolled", N_("Enrolled"), CONFIRMED, LISTING_INT},
            {"taken", N_("Seats taken"), "w.seats_taken", LISTING_INT, .sort = true},
            {"capacity", N_("Seats"), "w.capacity", LISTING_INT, .sort = true},
            {"state", N_("State"), STATE, LISTING_WORD, .choices = STATES},
            {"slug", N_("Address"), "w.slug", LISTING_TEXT, .file_only = true},
            {"place", N_("Place"), "w.place", LISTING_TEXT, .file_only = true},
            {NULL},
        },
    .filters =
        (const struct listing_filter[]){
            {"topic", N_("Topic"), FILTER_OPTIONS, "w.topic_id = {}",
             .options = "SELECT id, name FROM topic ORDER BY name"},
            {"state", N_("State"), FILTER_CHOICE, .choices = STATES},
            {"seats", N_("Seats"), FILTER_CHOICE, .choices = SEATS},
            {"level", N_("Level"), FILTER_CHOICE, .choices = LEVELS},
            {"from", N_("Starts from"), FILTER_FROM, "w.start_date >= {}"},
            {"to", N_("Starts until"), FILTER_TO, "w.start_date <= {}"},
            {"instructor", N_("Instructor"), FILTER_ID,
             "w.id IN (SELECT workshop_id FROM workshop_instructor WHERE account_id = {})"},
            {NULL},
        },
};
