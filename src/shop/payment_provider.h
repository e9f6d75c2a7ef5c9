/* The payment methods there are; each lives in a file of its own, payment.c lists them. */
#ifndef SHOP_PAYMENT_PROVIDER_H
#define SHOP_PAYMENT_PROVIDER_H

#include "shop/payment.h"

extern const struct payment_provider payment_transfer; /* bank, Yape, Plin: staff confirm */
extern const struct payment_provider payment_card;     /* the sandbox card of demo folders */

#endif
