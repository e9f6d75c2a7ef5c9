/* Payment by transfer: bank, Yape or Plin. The family pays by its own means, staff see the money
 * and confirm; see payment_report and payment_confirm_transfer. */
#include "shop/payment_provider.h"
#include "shop/setting.h"

static bool is_offered(const struct settings *settings) {
    return settings->transfer_enabled;
}

const struct payment_provider payment_transfer = {
    .name = "transfer",
    .flow = PAYMENT_MANUAL,
    .offered = is_offered,
};
