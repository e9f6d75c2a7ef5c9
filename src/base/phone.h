/* Telephone numbers as people type them, made ready to dial. */
#ifndef BASE_PHONE_H
#define BASE_PHONE_H

#include "base/arena.h"

/* The digits with country code and without "+" ("51987654321"), as wa.me wants them: from a number
 * that has one, or from one typed as within `country` (ISO 3166-1, may be NULL). NULL where the
 * country's code is not known here, and for a text that is no number. ITU-T E.164. */
const char *phone_international(struct arena *arena, const char *phone, const char *country);

/* For "tel:": with "+" where the country code is known, else the digits alone; NULL for none. */
const char *phone_dial(struct arena *arena, const char *phone, const char *country);

#endif
