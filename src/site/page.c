/* Filling in what every page has: title, visitor, cart, message, school. */
#include "site/page.h"
#include "http/csrf.h"
#include "shop/order.h"
#include "site/site.h"
#include "site/visit.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

struct page page_start(struct visit *visit, const char *title) {
    const struct request *request = visit->request;
    struct page page = {
        .title = title,
        .path = request_address(request),
        .settings = visit->settings,
        .signed_in = visit->signed_in,
        .flash = visit->flash,
        .theme = page_theme_address(visit->arena, visit->settings),
        .language_other_es = visit->lang == LANG_EN,
    };
    if (request->method == METHOD_POST && visit->hit.route && !visit->hit.route->get)
        page.path = "/";
    if (visit->settings->logo.name)
        page.logo = arena_printf(visit->arena, "/media/%s", visit->settings->logo.name);
    if (visit->signed_in) {
        page.first_name = visit->session.first_name;
        page.staff = visit->session.staff_role != STAFF_NONE;
        page.csrf_token = visit->session.csrf_token;
        page.cart_count = order_cart_count(visit_db(visit), visit->session.account_id, visit->now);
    }
    return page;
}

struct page page_start_form(struct visit *visit, const char *title) {
    struct page page = page_start(visit, title);
    if (!page.csrf_token)
        page.csrf_token = csrf_cookie_token(visit->request, visit->response, visit->site->shop.key);
    return page;
}

/* ---- the school's colour ----------------------------------------------------------------------
 */

struct rgb {
    double r, g, b; /* 0 to 1, sRGB */
};

static struct rgb parse_color(const char *color) {
    unsigned long bits = strtoul(color + 1, NULL, 16);
    return (struct rgb){(double)(bits >> 16 & 255) / 255, (double)(bits >> 8 & 255) / 255,
                        (double)(bits & 255) / 255};
}

static double linear(double channel) {
    return channel <= 0.04045 ? channel / 12.92 : pow((channel + 0.055) / 1.055, 2.4);
}

/* WCAG 2.2: relative luminance and contrast ratio. */
static double luminance(struct rgb c) {
    return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b);
}

static double contrast(struct rgb a, struct rgb b) {
    double x = luminance(a), y = luminance(b);
    return ((x > y ? x : y) + 0.05) / ((x > y ? y : x) + 0.05);
}

static struct rgb mix(struct rgb a, struct rgb b, double share) {
    return (struct rgb){a.r + (b.r - a.r) * share, a.g + (b.g - a.g) * share,
                        a.b + (b.b - a.b) * share};
}

static void put_rule(struct buf *out, struct rgb brand, struct rgb on, struct rgb soft) {
    const struct rgb colors[] = {brand, on, soft};
    static const char *const NAMES[] = {"brand", "on-brand", "brand-soft"};
    buf_puts(out, ":root{");
    for (int i = 0; i < 3; i++)
        buf_printf(out, "--%s:#%02x%02x%02x;", NAMES[i], (unsigned)lround(colors[i].r * 255),
                   (unsigned)lround(colors[i].g * 255), (unsigned)lround(colors[i].b * 255));
    buf_puts(out, "}");
}

/* What makes a scheme out of a colour: shades go towards `end` until they read well on the ground,
 * tints are mixed with the paper. */
struct scheme {
    struct rgb end, ground, paper;
    double tint; /* the paper's share in a tint */
};

/* The nearest shade of the school's colour that reads well (4.5:1) on the ground and on its own
 * tint, which it gives too. */
static struct rgb readable(struct rgb chosen, const struct scheme *scheme, struct rgb *soft) {
    struct rgb shade = chosen;
    for (int step = 0; step <= 20; step++) {
        shade = mix(chosen, scheme->end, step / 20.0);
        *soft = mix(shade, scheme->paper, scheme->tint);
        if (contrast(shade, scheme->ground) >= 4.6 && contrast(shade, *soft) >= 4.6)
            break;
    }
    return shade;
}

static const struct rgb BLACK = {0, 0, 0}, WHITE = {1, 1, 1};

static struct scheme light_scheme(struct rgb chosen) {
    const struct rgb sand = {0.953, 0.922, 0.871};
    return (struct scheme){BLACK, mix(sand, chosen, 0.08), WHITE, 0.88};
}

void page_theme_look(const char *color, struct page_theme *out) {
    const struct rgb chosen = parse_color(color);
    const struct scheme light = light_scheme(chosen);
    struct rgb soft, shade = readable(chosen, &light, &soft);
    *out = (struct page_theme){.contrast = (int)(contrast(chosen, WHITE) * 100)};
    snprintf(out->shade, sizeof(out->shade), "#%02x%02x%02x", (unsigned)lround(shade.r * 255) & 255,
             (unsigned)lround(shade.g * 255) & 255, (unsigned)lround(shade.b * 255) & 255);
    out->shaded = strcasecmp(out->shade, color) != 0;
}

void page_theme_css(struct buf *out, const char *color) {
    const struct rgb chosen = parse_color(color), night = {0.153, 0.184, 0.176};
    const struct scheme light = light_scheme(chosen);
    const struct scheme dark = {WHITE, mix(night, chosen, 0.12), night, 0.90};
    struct rgb soft, brand = readable(chosen, &light, &soft);
    put_rule(out, brand, WHITE, soft);
    brand = readable(chosen, &dark, &soft);
    buf_puts(out, "@media (prefers-color-scheme:dark){");
    put_rule(out, brand, mix(brand, BLACK, 0.85), soft);
    buf_puts(out, "}");
}

const char *page_theme_address(struct arena *arena, const struct settings *settings) {
    if (!settings->color)
        return NULL;
    return arena_printf(arena, "/theme.%s.css", settings->color + 1);
}
