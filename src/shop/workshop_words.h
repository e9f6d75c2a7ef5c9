/* When and where a workshop takes place, in words: for receipts and mails. */
#ifndef SHOP_WORKSHOP_WORDS_H
#define SHOP_WORKSHOP_WORDS_H

#include "base/arena.h"
#include "base/i18n.h"
#include "shop/workshop.h"

/* "Lun y mié · 4:00 a 5:30 p. m. · 6 de abril de 2026 – 25 de mayo de 2026 · Sala 2"; NULL where
 * the workshop says nothing. */
const char *workshop_in_words(struct arena *arena, enum lang lang, const struct workshop *w);

#endif
