/* The records of every noun that staff edit; each stands in NOUN_record.c, its columns in the order
 * of its enumeration. */
#ifndef SHOP_RECORDS_H
#define SHOP_RECORDS_H

#include "base/i18n.h"
#include "shop/record.h"

extern const struct record_kind account_record;
extern const struct record_kind student_record;
extern const struct record_kind topic_record, workshop_record;

#endif
