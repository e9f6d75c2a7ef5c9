/* Orders: the cart, what became of it at checkout, and what a family sees of both.
 *
 *   cart ──checkout──▶ pending ──money──▶ paid
 *                        │  │               ▲
 *                        │  └─ money, but late, wrong, or no seat ─▶ review ─┘ (staff decide)
 *                        └─ no money in time ─▶ cancelled
 *
 * An account has at most one cart and any number of the rest. Prices are those of the workshop
 * until checkout freezes them. A total of 0 goes from cart to paid at once. While a card is being
 * charged the order is pending with `charging` set; a declined card brings it back as the cart.
 *
 * What belongs to another family is ERR_NOT_FOUND. Moments are UTC seconds, money is cents. Rows
 * and their texts live in the given arena. */
#ifndef SHOP_ORDER_H
#define SHOP_ORDER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/i18n.h"
#include "db/db.h"
#include "shop/inscription.h"
#include "shop/mail.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct payment_card;
struct settings;
struct shop;

enum order_status {
    ORDER_CART,
    ORDER_PENDING,
    ORDER_PAID,
    ORDER_REVIEW,
    ORDER_CANCELLED,
    ORDER_REFUNDED,
};

enum order_review {
    ORDER_REVIEW_NONE,
    ORDER_REVIEW_NO_SEAT, /* money came, a seat was gone */
    ORDER_REVIEW_AMOUNT,  /* more money than due, or less at the deadline */
    ORDER_REVIEW_LATE,    /* money came after the deadline and a seat was gone */
};

/* An operation number that the family says it paid with. */
struct order_report {
    const char *operation;
    int64_t created_at;
    int64_t rejected_at; /* staff found no such money; 0: not (yet) */
    const char *reason;  /* why, in their words; NULL: none given */
};

struct order {
    int64_t id, account_id;
    const char *code; /* "TAL-7K3Q"; NULL for a cart */
    enum order_status status;
    enum order_review review;
    const char *method;       /* "transfer", "card"; NULL: a cart, or nothing to pay */
    bool charging;            /* a card is being charged right now */
    int64_t total_cents;      /* a cart: its live holds at today's prices; else as frozen */
    int64_t list_total_cents; /* the same without discounts */
    int64_t paid_cents;       /* money that came and did not go back */
    int64_t due_cents;        /* what is left to pay */
    const char *currency;
    const char *payer_document;
    int64_t created_at, checkout_at, due_at, paid_at; /* 0: not (yet) */
    int64_t receipt_number;                           /* 0: none */

    struct inscription_list lines; /* in the order they were added */
    /* Of a cart */
    size_t live, expired; /* how many lines are held, and have expired */
    bool changed; /* a live line's price changed or its workshop closed: say so before paying */
    int64_t hold_until;                 /* the first hold to end; 0: none */
    struct inscription_clashes clashes; /* filled by order_cart only */
    /* Of a transfer; filled by order_by_id and in mails */
    struct order_report *reports; /* oldest first */
    size_t report_count;
    size_t open_reports; /* how many of them staff have not rejected */
    /* The buyer */
    const char *email, *first_name, *last_name;
    bool has_language; /* the account has chosen one; else the school's */
    enum lang language;
};

/* An order in the family's list of them. */
struct order_summary {
    int64_t id;
    const char *code;
    enum order_status status;
    bool charging, reported;        /* pending: as above; the family says that it paid */
    int64_t total_cents, due_cents; /* due: of a pending one, else 0 */
    const char *currency;
    int64_t checkout_at, due_at, receipt_number; /* 0: none */
    const char *lines; /* "Robotics with LEGO, Sofía; Chess, Mateo"; NULL: it has none */
};

struct order_list {
    struct order_summary *items;
    size_t count;
};

/* ---- reading -------------------------------------------------------------------------------- */

/* The account's cart with all a page shows, in two queries whatever its size. OK with id 0 and no
 * lines when there is none. What was taken out of it is left out. */
enum err order_cart(struct db *db, struct arena *arena, int64_t account_id, int64_t now,
                    struct order *out) MUST_CHECK;

/* How many live holds the cart has: for the header. 0 when that cannot be read. */
int order_cart_count(struct db *db, int64_t account_id, int64_t now);

/* An own order in any state, the cart too. */
enum err order_by_id(struct db *db, struct arena *arena, int64_t account_id, int64_t id,
                     int64_t now, struct order *out) MUST_CHECK;

/* Anybody's order: for mails, the admin and the clockwork, never for a family's page. */
enum err order_any(struct db *db, struct arena *arena, int64_t id, int64_t now,
                   struct order *out) MUST_CHECK;

/* Fills in the operation numbers that the family reported, whatever the order's state. */
enum err order_reports(struct db *db, struct arena *arena, struct order *order) MUST_CHECK;

/* The account's newest orders, the cart left out: those that wait for payment first, then the
 * newest. */
enum err order_list(struct db *db, struct arena *arena, int64_t account_id, int limit,
                    struct order_list *out) MUST_CHECK;

/* ---- checkout ------------------------------------------------------------------------------- */

struct order_payment {
    int64_t order_id;
    const char *method; /* a payment method's name; NULL or "" where nothing is to be paid */
    const char *payer_document; /* NULL: none given */
    int64_t shown_total; /* the total the buyer saw and agreed to; -1: the form did not say */
    const struct payment_card *card; /* with method "card" */
};

enum order_outcome {
    /* With OK: go to the order's page, which tells the rest. */
    ORDER_DONE_PAID,     /* paid (or free): confirmed, receipt on its way */
    ORDER_DONE_PENDING,  /* placed: to be paid by transfer until due_at */
    ORDER_DONE_REVIEW,   /* charged, but staff must look at it */
    ORDER_DONE_CHARGING, /* a charge of this order is at work (a second click), or unanswered */
    ORDER_DONE_BEFORE,   /* a replay: it had been placed already; nothing happened now */
    /* With ERR_REFUSED: nothing was charged. */
    ORDER_EMPTY,       /* nothing in the cart */
    ORDER_CHANGED,     /* prices, seats or workshops changed: see changes; look, and pay again */
    ORDER_OVER,        /* cancelled or refunded: cannot be paid here any more */
    ORDER_NO_METHOD,   /* no such payment method here, or none chosen */
    ORDER_NO_DOCUMENT, /* the school asks for the payer's document */
    ORDER_TOO_MANY_PENDING, /* as many unpaid transfers as an account may have */
    ORDER_CARD_INVALID,     /* see card_faults */
    ORDER_CARD_DECLINED,
    ORDER_CARD_NO_FUNDS,
    ORDER_CARD_TOO_MANY, /* too many declined cards within the hour */
    ORDER_CARD_FAILED,   /* no answer from the card company; try again */
};

/* What changed in a line since the buyer saw it. */
struct order_change {
    enum order_change_kind {
        ORDER_CHANGE_PRICE,   /* from old_price_cents to new_price_cents; stored now */
        ORDER_CHANGE_EXPIRED, /* the hold ended: hold again or remove */
        ORDER_CHANGE_CLOSED,  /* the workshop is not for sale any more: remove */
    } kind;
    int64_t inscription_id;
    const char *student_first_name, *workshop_title;
    int64_t old_price_cents, new_price_cents;
};

struct order_result {
    enum order_outcome outcome;
    int64_t order_id;
    struct order_change *changes; /* with ORDER_CHANGED; may be empty when only the sum differs */
    size_t change_count;
    int64_t total_cents;  /* today's */
    unsigned card_faults; /* with ORDER_CARD_INVALID: enum payment_card_fault, added up */
    int limit;            /* with the TOO_MANY */
};

/* Places and, by card, pays the own cart. The order's id is what makes it idempotent: of any number
 * of parallel or repeated calls one places, charges and confirms, the others find that. It goes
 * through when what the buyer agreed to still holds: every line live, every workshop for sale, and
 * the total today equal to shown_total, or (with -1) no price different from the stored one.
 * Returns after the charge, which happens outside any transaction; the outcome is on disk. */
enum err order_checkout(struct shop *shop, struct arena *arena, int64_t account_id,
                        const struct order_payment *payment, int64_t now,
                        struct order_result *result) MUST_CHECK;

/* ---- steps inside a larger transaction ------------------------------------------------------ */

/* An empty cart for an account that has none. ERR_CONFLICT: it has one. */
enum err order_create_cart_tx(struct tx *tx, int64_t account_id, const char *currency, int64_t now,
                              int64_t *id) MUST_CHECK;

enum { ORDER_CODE_SIZE = 12 };

/* A code for people, drawn at random: "TAL-7K3Q"; longer ones after some tries. The caller's unique
 * index tells whether it is taken. */
void order_code_draw(char code[ORDER_CODE_SIZE], int tries);

/* The moment until which a transfer for it may come: the school's hours, but not into the first day
 * of a workshop that has yet to begin; never less than an ordinary hold. */
int64_t order_transfer_due(const struct order *order, const struct settings *settings, int64_t now);

/* A mail about an order, to its buyer, in the buyer's language. `once` completes the key that keeps
 * a second one from going out. */
enum err order_mail_tx(struct shop *shop, struct tx *tx, const struct settings *settings,
                       enum mail_kind kind, const struct order *order, const char *once) MUST_CHECK;

/* The same about what staff did with it. */
enum err order_news_tx(struct shop *shop, struct tx *tx, const struct settings *settings,
                       enum mail_kind kind, const struct mail_order *news,
                       const char *once) MUST_CHECK;

enum order_effect {
    ORDER_EFFECT_NONE,    /* nothing changed */
    ORDER_EFFECT_PAID,    /* seats confirmed, receipt and mail made */
    ORDER_EFFECT_PARTIAL, /* more is due */
    ORDER_EFFECT_REVIEW,  /* staff must decide */
    ORDER_EFFECT_BACK,    /* the cart again */
};

/* Draws the consequence of the money booked so far: pays the order, waits for more, or puts it into
 * review. Seats that were freed meanwhile are taken again where there are some. */
enum err order_settle_tx(struct shop *shop, struct tx *tx, struct arena *arena, int64_t id,
                         int64_t now, enum order_effect *effect) MUST_CHECK;

/* A charge that came to nothing: the order is the cart again, its holds stay. What was put into a
 * new cart meanwhile joins it. An order that is not pending stays what it is. */
enum err order_reopen_tx(struct tx *tx, int64_t id) MUST_CHECK;

/* The deadline of a pending transfer has passed: its seats are free, the family is told; with part
 * of the money there, staff decide. Nothing for any other order (*done false). */
enum err order_expire_tx(struct shop *shop, struct tx *tx, struct arena *arena, int64_t id,
                         int64_t now, bool *done) MUST_CHECK;

#endif
