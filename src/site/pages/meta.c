/* Language, pictures, colours, legal texts, robots.txt. */
#include "site/pages/meta.h"
#include "shop/account.h"
#include "shop/picture.h"
#include "site/page.h"
#include "site/site.h"
#include "site/text.h"
#include "site/visit.h"
#include "views.h"
#include <string.h>

#define IMMUTABLE "public, max-age=31536000, immutable"

enum { YEAR = 365 * 24 * 60 * 60 };

void meta_language_post(struct visit *visit) {
    enum lang lang;
    if (!lang_parse(fields_get(&visit->request->form, "language"), &lang)) {
        visit_error(visit, 400);
        return;
    }
    const char *next = visit_safe_next(fields_get(&visit->request->form, "next"), "/");
    if (visit->signed_in) {
        enum err err = account_set_language(visit_shop(visit), visit->session.account_id, lang);
        if (err) {
            visit_fail(visit, err);
            return;
        }
    }
    response_cookie(visit->response, SITE_LANGUAGE_COOKIE, lang_code(lang), YEAR);
    visit_redirect(visit, "%s", next);
}

/* HASH, or HASH-640 for that width. */
static enum err find_picture(struct visit *visit, struct picture *out) {
    const char *name = visit_name(visit, 0), *dash = strchr(name, '-');
    if (!dash)
        return picture_get(visit_db(visit), visit->arena, name, out);
    static const int WIDTHS[] = PICTURE_WIDTHS;
    const char *hash = arena_strndup(visit->arena, name, (size_t)(dash - name));
    for (size_t i = 0; i < ARRAY_COUNT(WIDTHS); i++)
        if (strcmp(dash + 1, arena_printf(visit->arena, "%d", WIDTHS[i])) == 0)
            return picture_get_size(visit_db(visit), visit->arena, hash, WIDTHS[i], out);
    return ERR_NOT_FOUND;
}

void meta_media_get(struct visit *visit) {
    struct picture picture;
    enum err err = find_picture(visit, &picture);
    if (!err && strcmp(picture_extension(picture.content_type), visit_name(visit, 1)) != 0)
        err = ERR_NOT_FOUND;
    if (err) {
        visit_fail(visit, err);
        return;
    }
    struct response *response = visit->response;
    response->content_type = picture.content_type;
    response_header(response, "Cache-Control", IMMUTABLE);
    /* An SVG opened by itself is a document: nothing in it may run or load. */
    response_header(response, "Content-Security-Policy",
                    "default-src 'none'; style-src 'unsafe-inline'; sandbox");
    buf_append(&response->body, picture.bytes, picture.size);
}

void meta_theme_get(struct visit *visit) {
    const char *name = visit_name(visit, 0);
    if (strlen(name) != 6 || strspn(name, "0123456789abcdefABCDEF") != 6) {
        visit_error(visit, 404);
        return;
    }
    visit->response->content_type = "text/css; charset=utf-8";
    response_header(visit->response, "Cache-Control", IMMUTABLE);
    page_theme_css(&visit->response->body, arena_printf(visit->arena, "#%s", name));
}

void meta_robots_get(struct visit *visit) {
    visit->response->content_type = "text/plain; charset=utf-8";
    response_header(visit->response, "Cache-Control", "public, max-age=86400");
    buf_puts(&visit->response->body, "User-agent: *\n"
                                     "Disallow: /accounts/\n"
                                     "Disallow: /admin/\n"
                                     "Disallow: /store/\n"
                                     "Disallow: /users/\n");
}

static void show_text(struct visit *visit, const char *title, const struct legal_text *text) {
    if (!text->body) {
        visit_error(visit, 404);
        return;
    }
    struct page page = page_start(visit, title);
    struct meta_text view = {.page = &page, .title = title};
    view.paragraphs = text_paragraphs(visit->arena, text->body, &view.paragraph_count);
    struct out out = visit_page(visit, 200, &page);
    view_meta_text(&out, &view);
}

void meta_terms_get(struct visit *visit) {
    show_text(visit, tr(visit->lang, "Terms"), &visit->settings->terms);
}

void meta_privacy_get(struct visit *visit) {
    show_text(visit, tr(visit->lang, "Privacy"), &visit->settings->privacy);
}
