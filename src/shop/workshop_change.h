/* What staff do to a workshop that people are enrolled in: call it off, move it to other days,
 * write to everyone. Who is affected is its roster (shop/roster.h).
 *
 * Each operation is one transaction with its lines in the trail and its mails, one a family; doing
 * it again changes nothing and says so (replay). ERR_NOT_FOUND: no such workshop. ERR_REFUSED: see
 * the refusal; nothing happened. Texts of results live in the arena. */
#ifndef SHOP_WORKSHOP_CHANGE_H
#define SHOP_WORKSHOP_CHANGE_H

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include "shop/order_desk.h"
#include "shop/refund.h"
#include "shop/roster.h"
#include "shop/workshop.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shop;

enum {
    CHANGE_REASON_MAX = 120,  /* characters; with a title it fits into REFUND_REASON_MAX */
    CHANGE_SUBJECT_MAX = 120, /* characters */
    CHANGE_TEXT_MAX = 4000,
    CHANGE_TOKEN_SIZE = 44, /* with its NUL; see SECRET_TOKEN_SIZE */
};

enum change_refusal {
    CHANGE_OK,
    CHANGE_PEOPLE,         /* somebody enrolled since the page was shown */
    CHANGE_MOVE,           /* `name` cannot go to the other workshop: see desk */
    CHANGE_MOVE_UNPAID,    /* `name` has not paid yet: cancel that order or keep it */
    CHANGE_REFUND,         /* the money of `name` cannot go back like this: see refund */
    CHANGE_CANCEL,         /* the unpaid order of `name` cannot be cancelled now */
    CHANGE_NO_DATE,        /* a first day is needed */
    CHANGE_DATES_REVERSED, /* the last day is before the first */
    CHANGE_HOURS_REVERSED, /* it ends before it begins */
    CHANGE_CALLED_OFF,     /* the workshop was called off already */
    CHANGE_NOBODY,         /* nobody to write to */
};

struct change_result {
    enum change_refusal refusal; /* with ERR_REFUSED */
    enum order_desk_refusal desk;
    enum refund_refusal refund;
    const char *name; /* the student it is about; NULL: none */
    bool replay;      /* OK, and nothing new */
    int families;     /* that were written to */
};

/* ---- calling off ---------------------------------------------------------------------------- */

enum cancel_choice {
    CANCEL_KEEP,   /* the seat stays as it is: the school settles it some other way */
    CANCEL_REFUND, /* the money goes back; of an order not paid yet: the order is cancelled */
    CANCEL_MOVE,   /* to another workshop; paid ones only */
};

struct cancel_line {
    int64_t inscription_id;
    enum cancel_choice choice;
};

struct cancel_request {
    int64_t actor_id, workshop_id;
    const char *reason;              /* for the families; NULL or "": none */
    const struct cancel_line *lines; /* one for everybody on the roster */
    size_t count;
    int64_t move_to;    /* a workshop's id, with CANCEL_MOVE */
    const char *method; /* of money that goes back, and of differences; what a card has paid goes
                           back to the card */
};

/* Takes the workshop off sale for good and settles every seat. Seats that only lie in carts are
 * free at once. */
enum err workshop_cancel(struct shop *shop, struct arena *arena,
                         const struct cancel_request *request, int64_t now,
                         struct change_result *result) MUST_CHECK;

/* ---- other days ----------------------------------------------------------------------------- */

struct reschedule_request {
    int64_t actor_id, workshop_id;
    struct date start, end;       /* end unset: one day, or not said */
    unsigned weekdays;            /* bits */
    int start_minute, end_minute; /* or WORKSHOP_NONE */
    const char *schedule, *hours; /* in words; NULL: none */
    const char *note;             /* for the families; NULL: none */
};

/* Sales close as much earlier or later as the first day is. */
enum err workshop_reschedule(struct shop *shop, struct arena *arena,
                             const struct reschedule_request *request, int64_t now,
                             struct change_result *result) MUST_CHECK;

/* Why those days cannot be, if they cannot. */
enum change_refusal workshop_reschedule_check(const struct reschedule_request *request,
                                              const struct workshop *workshop);

/* `workshop` as it would be afterwards. */
void workshop_apply(struct workshop *workshop, const struct reschedule_request *request);

/* Students who would have to be in two places: in `workshop` as it is given and in another one that
 * they are enrolled in. */
struct change_clash {
    const char *student, *title;
};
struct change_clashes {
    struct change_clash *items;
    size_t count;
};
enum err workshop_change_clashes(struct db *db, struct arena *arena,
                                 const struct workshop *workshop, int64_t now,
                                 struct change_clashes *out) MUST_CHECK;

/* ---- writing to everyone -------------------------------------------------------------------- */

struct message_request {
    int64_t actor_id, workshop_id;
    const char *token; /* made with the page: the same one sends once */
    const char *subject, *text;
};

enum err workshop_message(struct shop *shop, struct arena *arena,
                          const struct message_request *request, int64_t now,
                          struct change_result *result) MUST_CHECK;

/* How many families a roster is of that can be written to. */
int workshop_family_count(const struct roster *roster);

#endif
