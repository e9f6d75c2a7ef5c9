/* How money goes back, as forms ask for it and answer. */
#include "base/i18n.h"
#include "site/admin/order.h"
#include "site/pages/order.h"
#include "site/visit.h"
#include <string.h>

const struct form_choice *admin_order_ways(struct visit *visit, int64_t card_left_cents) {
    struct form_choice *ways = arena_array(visit->arena, 4, sizeof(*ways));
    size_t count = 0;
    ways[count++] = (struct form_choice){"transfer", order_method_text(visit->lang, "transfer")};
    ways[count++] = (struct form_choice){"cash", order_method_text(visit->lang, "cash")};
    if (card_left_cents > 0)
        ways[count++] = (struct form_choice){"card", order_method_text(visit->lang, "card")};
    return ways;
}

const char *admin_refund_refusal(enum refund_refusal refusal) {
    switch (refusal) {
    case REFUND_OK:
        return NULL;
    case REFUND_NOTHING:
        return N_("Choose at least one.");
    case REFUND_NOT_PAID:
        return N_("This order is not paid (any more).");
    case REFUND_CHANGED:
        return N_("Something of it was refunded or moved meanwhile. Look again.");
    case REFUND_METHOD:
        return N_("Choose how the money goes back. A card gives back only what it took.");
    case REFUND_REFERENCE:
        return N_("This number is too long.");
    case REFUND_REFERENCE_USED:
        return N_("This number has given money back before.");
    }
    return NULL;
}

const char *admin_refund_field(enum refund_refusal refusal) {
    switch (refusal) {
    case REFUND_METHOD:
        return "method";
    case REFUND_REFERENCE:
    case REFUND_REFERENCE_USED:
        return "reference";
    case REFUND_NOTHING:
        return "inscriptions";
    case REFUND_OK:
    case REFUND_NOT_PAID:
    case REFUND_CHANGED:
        break;
    }
    return "";
}

bool admin_order_is_way(const struct form *form, size_t field) {
    const char *name = form->entries[field].field->name;
    return strcmp(name, "method") == 0 || strcmp(name, "reference") == 0;
}
