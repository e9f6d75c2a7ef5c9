/* What belongs to no noun of the shop: the language, pictures, the school's colours, legal texts,
 * what search engines may read. */
#ifndef SITE_PAGES_META_H
#define SITE_PAGES_META_H

struct visit;

void meta_language_post(struct visit *visit);
void meta_media_get(struct visit *visit);
void meta_theme_get(struct visit *visit);
void meta_robots_get(struct visit *visit);
void meta_terms_get(struct visit *visit);
void meta_privacy_get(struct visit *visit);

/* A text of the school's own, blank lines between paragraphs. */
struct meta_text {
    const struct page *page;
    const char *title;
    const char *const *paragraphs;
    int paragraph_count;
};

#endif
