/* Texts that people type into the school's forms, made ready for templates. */
#ifndef SITE_TEXT_H
#define SITE_TEXT_H

#include "base/arena.h"

/* Splits at blank lines. Lines within a paragraph stay apart by '\n'. NULL gives none. */
const char *const *text_paragraphs(struct arena *arena, const char *text, int *count);

/* Splits at every line end; empty lines are left out. */
const char *const *text_lines(struct arena *arena, const char *text, int *count);

#endif
