/* An order in the administration: its page, what staff do with it, its papers; orders made at the
 * desk; inscriptions moved.
 *
 * What is done at once from the order's page is a POST (confirm, resend). Everything else has a
 * page of its own that says what will happen and asks once: table ACTS in order_act.c. */
#ifndef SITE_ADMIN_ORDER_H
#define SITE_ADMIN_ORDER_H

#include "shop/order_desk.h"
#include "shop/order_staff.h"
#include "site/admin/admin.h"

struct visit;

enum { CONFIRM_REFERENCE, CONFIRM_AMOUNT, CONFIRM_INPUTS };

/* A button that leads to what can be done now. */
struct admin_order_act {
    const char *address, *label;
};

struct admin_order_line {
    const struct inscription *inscription;
    const char *when; /* days and hours; NULL */
    const char *state;
    enum { LINE_OK, LINE_WARN, LINE_OFF } tone;
    const char *move; /* address; NULL: cannot be moved */
};

struct admin_order {
    const struct admin_page *page;
    const struct order_file *file;
    const char *heading, *list, *address;
    const char *state, *reason; /* "Paid"; why it is in review, what is missing; NULL */
    const char *dial, *whatsapp;
    const struct form *confirm; /* NULL: no money is expected */
    bool confirm_first;         /* it is what to do now, not an exception */
    struct admin_order_act acts[4];
    size_t act_count; /* the first is the primary one unless money is awaited */
    struct admin_order_line *lines;
    bool may_settle, may_see_people;
    struct admin_one trail; /* history, currency and zone only */
    const struct zone *zone;
};

/* The page that asks once. */
struct admin_order_ask {
    const struct admin_page *page;
    const char *heading, *back, *back_text, *action, *submit;
    const char *lines[6]; /* what will happen */
    size_t line_count;
    bool danger;
    const struct form *form;
    bool no_money; /* the fields about money that goes back are left out */
};

struct admin_desk_family {
    int64_t id;
    const char *name, *email;
};

struct admin_desk {
    const struct admin_page *page;
    const char *text;                   /* of the search */
    struct admin_desk_family *families; /* found */
    size_t family_count;
    int64_t account_id; /* chosen; 0: not yet */
    const char *family;
    const struct student_list *students;
    int64_t student_id; /* chosen; 0: not yet */
    const char *student;
    struct form *form;
};

/* ---- the declaration's ---------------------------------------------------------------------- */

void admin_order_show(struct visit *visit, int64_t id);

/* The page, with a refused form if there is one. */
void admin_order_page(struct visit *visit, int64_t id, const struct form *confirm, int status);

/* Which acts are possible now, in order of use; fills out->acts. */
void admin_order_offer(struct visit *visit, struct admin_order *out);

/* Ways for money to go back of this order, for a field of choices. */
const struct form_choice *admin_order_ways(struct visit *visit, int64_t card_left_cents);

/* "S/ 180.00", in the arena. */
const char *admin_money(const struct visit *visit, int64_t cents, const char *currency);

/* For templates: whether a payment went to the family; whether a field is about how money goes
 * back. */
bool admin_order_went_back(const struct order_payment_row *payment);
bool admin_order_is_way(const struct form *form, size_t field);

/* What a refusal of money that goes back means; NULL for REFUND_OK. */
const char *admin_refund_refusal(enum refund_refusal refusal);

/* The name of the field that it is about; "" for the whole form. */
const char *admin_refund_field(enum refund_refusal refusal);

/* ---- handlers ------------------------------------------------------------------------------- */

void admin_order_confirm_post(struct visit *visit);
void admin_order_resend_post(struct visit *visit);
void admin_order_receipt_get(struct visit *visit);
void admin_order_credit_get(struct visit *visit);
void admin_order_act_get(struct visit *visit); /* reject, extend, settle, cancel, refund */
void admin_order_act_post(struct visit *visit);
void admin_desk_get(struct visit *visit); /* /admin/orders/new/ */
void admin_desk_post(struct visit *visit);
void admin_move_get(struct visit *visit); /* /admin/inscriptions/ID/move/ */
void admin_move_post(struct visit *visit);

#endif
