/* Drawing: scales, axes, bars and lines. What is drawn is the caller's. */
#include "site/chart.h"
#include "base/i18n.h"
#include "site/filters.h"
#include <stdbool.h>
#include <stdio.h>

/* Pixels from the top; the labels stand below the ground line. */
enum { TOP = 14, GROUND = 212, LABELS = 234, HEIGHT = 240, LINES_MAX = 6, SLOTS_MIN = 6 };
enum { TICKS_WIDE = 12, TICKS_NARROW = 4 };

/* ---- the scale ------------------------------------------------------------------------------ */

struct scale {
    int64_t step, top; /* in units of the values; `top` is a multiple of `step` */
};

/* Steps of 1, 2 or 5 times a power of ten, at most five of them. Money has no steps below a unit.
 */
static struct scale scale_of(int64_t max, bool money) {
    static const int NEXT[] = {2, 5, 10};
    int64_t power = money ? 100 : 1, step = power;
    for (int i = 0; max > step * (LINES_MAX - 1); i++) {
        step = power * NEXT[i % 3];
        if (i % 3 == 2)
            power = step;
    }
    int64_t top = (max + step - 1) / step * step;
    return (struct scale){step, top ? top : step};
}

static double height_of(const struct scale *scale, int64_t value) {
    return (double)value * (GROUND - TOP) / (double)scale->top;
}

static int64_t largest(const struct chart *chart, bool stacked) {
    int64_t max = 0;
    for (size_t i = 0; i < chart->count; i++) {
        int64_t sum = 0;
        for (size_t s = 0; s < chart->series_count; s++) {
            int64_t value = chart->series[s].values[i];
            sum = stacked ? sum + value : value;
            max = sum > max ? sum : max;
        }
    }
    return max;
}

/* ---- parts ---------------------------------------------------------------------------------- */

static void put_class(struct out *o, int color) {
    static const char *const CLASSES[CHART_COLORS + 1] = {"rest",    "topic-1", "topic-2",
                                                          "topic-3", "topic-4", "topic-5",
                                                          "topic-6", "topic-7", "topic-8"};
    out_raw(o, CLASSES[color]);
}

static void put_value(struct out *o, const struct chart *chart, int64_t value) {
    if (chart->currency)
        filter_money(o, value, chart->currency);
    else
        filter_count(o, value);
}

/* "1,500", "20k", "1.5M": as short as the scale's steps allow. */
static void put_short(struct out *o, const struct chart *chart, const struct scale *scale,
                      int64_t value) {
    int64_t unit = chart->currency ? 100 : 1, top = scale->top / unit;
    int64_t size = top >= 1000000 ? 1000000 : top >= 10000 ? 1000 : 1;
    int64_t tenths = value / unit * 10 / size;
    filter_count(o, tenths / 10);
    if (tenths % 10)
        out_format(o, ".%d", (int)(tenths % 10));
    if (value && size > 1)
        out_text(o, size == 1000 ? tr_ctx(o->lang, "axis", "k") : tr_ctx(o->lang, "axis", "M"));
}

/* The column of numbers left of the plot, at home in the title's currency. */
static void put_axis(struct out *o, const struct chart *chart, const struct scale *scale) {
    out_literal(o, "<svg class=\"chart-axis\" width=\"56\" height=\"240\" aria-hidden=\"true\">");
    for (int64_t value = 0; value <= scale->top; value += scale->step) {
        buf_printf(o->buf, "<text x=\"48\" y=\"%.0f\">", GROUND + 4 - height_of(scale, value));
        put_short(o, chart, scale, value);
        out_literal(o, "</text>");
    }
    out_literal(o, "</svg>");
}

static void put_grid(struct out *o, const struct scale *scale) {
    for (int64_t value = 0; value <= scale->top; value += scale->step) {
        double y = GROUND - height_of(scale, value);
        buf_printf(o->buf, "<line x1=\"0\" x2=\"100%%\" y1=\"%.1f\" y2=\"%.1f\"/>", y, y);
    }
}

/* The width of a place in per cent; few places do not fill the width. */
static double slot_of(const struct chart *chart) {
    return 100.0 / (double)(chart->count < SLOTS_MIN ? SLOTS_MIN : chart->count);
}

static size_t every(size_t count, size_t most) {
    return count > most ? (count + most - 1) / most : 1;
}

/* Some places have their name below; on a phone, some of those. */
static void put_ticks(struct out *o, const struct chart *chart) {
    size_t wide = every(chart->count, TICKS_WIDE);
    size_t narrow = every(chart->count, wide * TICKS_NARROW) * wide;
    for (size_t i = 0; i < chart->count; i += wide) {
        buf_printf(o->buf, "<text%s x=\"%.2f%%\" y=\"%d\">",
                   i % narrow ? " class=\"chart-wide\"" : "", ((double)i + .5) * slot_of(chart),
                   LABELS);
        out_text(o, chart->ticks[i]);
        out_literal(o, "</text>");
    }
}

static void put_legend(struct out *o, const struct chart *chart) {
    if (chart->series_count < 2)
        return;
    out_literal(o, "<ul class=\"chart-legend\">");
    for (size_t s = 0; s < chart->series_count; s++) {
        out_literal(o, "<li class=\"");
        put_class(o, chart->series[s].color);
        out_literal(o, "\">");
        out_text(o, chart->series[s].label);
        out_literal(o, "</li>");
    }
    out_literal(o, "</ul>");
}

static void begin(struct out *o, const struct chart *chart, const struct scale *scale) {
    out_literal(o, "<figure class=\"chart\">");
    put_legend(o, chart);
    out_literal(o, "<div class=\"chart-box\">");
    put_axis(o, chart, scale);
    buf_printf(o->buf,
               "<svg class=\"chart-plot\" width=\"100%%\" height=\"%d\" role=\"img\" "
               "aria-labelledby=\"%s-name %s-says\"><title id=\"%s-name\">",
               HEIGHT, chart->id, chart->id, chart->id);
    out_text(o, chart->title);
    buf_printf(o->buf, "</title><desc id=\"%s-says\">", chart->id);
    out_text(o, chart->summary);
    out_literal(o, "</desc>");
    put_grid(o, scale);
}

static void end(struct out *o, const struct chart *chart) {
    put_ticks(o, chart);
    out_literal(o, "</svg></div></figure>");
}

/* One bar; its tip names the place, the series where there are several, and the value. */
static void put_bar(struct out *o, const struct chart *chart, size_t place, size_t series, double x,
                    double width, double y, double height) {
    const struct chart_series *one = &chart->series[series];
    out_literal(o, "<rect class=\"");
    put_class(o, one->color);
    buf_printf(o->buf, "\" x=\"%.2f%%\" y=\"%.1f\" width=\"%.2f%%\" height=\"%.1f\"><title>", x, y,
               width, height);
    out_text(o, chart->places[place]);
    if (chart->series_count > 1) {
        out_literal(o, ", ");
        out_text(o, one->label);
    }
    out_literal(o, ": ");
    put_value(o, chart, one->values[place]);
    out_literal(o, "</title></rect>");
}

/* ---- charts --------------------------------------------------------------------------------- */

void chart_stacked(struct out *o, const struct chart *chart) {
    const struct scale scale = scale_of(largest(chart, true), chart->currency != NULL);
    const double slot = slot_of(chart);
    begin(o, chart, &scale);
    for (size_t i = 0; i < chart->count; i++) {
        double y = GROUND;
        for (size_t s = 0; s < chart->series_count; s++) {
            double height = height_of(&scale, chart->series[s].values[i]);
            if (chart->series[s].values[i] <= 0)
                continue;
            y -= height;
            put_bar(o, chart, i, s, ((double)i + .14) * slot, slot * .72, y, height);
        }
    }
    end(o, chart);
}

void chart_grouped(struct out *o, const struct chart *chart) {
    const struct scale scale = scale_of(largest(chart, false), chart->currency != NULL);
    const double slot = slot_of(chart), width = slot * .8 / (double)chart->series_count;
    begin(o, chart, &scale);
    for (size_t i = 0; i < chart->count; i++)
        for (size_t s = 0; s < chart->series_count; s++) {
            double height = height_of(&scale, chart->series[s].values[i]);
            if (chart->series[s].values[i] > 0)
                put_bar(o, chart, i, s, ((double)i + .1) * slot + (double)s * width, width,
                        GROUND - height, height);
        }
    end(o, chart);
}

void chart_line(struct out *o, const struct chart *chart) {
    enum { WIDTH = 1000 };
    const struct scale scale = scale_of(largest(chart, false), chart->currency != NULL);
    const struct chart_series *line = &chart->series[chart->series_count - 1];
    const double slot = slot_of(chart);
    begin(o, chart, &scale);
    for (size_t i = 0; chart->series_count > 1 && i < chart->count; i++) {
        double height = height_of(&scale, chart->series[0].values[i]);
        if (chart->series[0].values[i] > 0)
            put_bar(o, chart, i, 0, ((double)i + .1) * slot, slot * .8, GROUND - height, height);
    }
    /* A box of its own, stretched to the width; the line keeps its own. */
    buf_printf(o->buf,
               "<svg width=\"100%%\" height=\"%d\" viewBox=\"0 0 %d %d\" "
               "preserveAspectRatio=\"none\"><polyline class=\"chart-line ",
               HEIGHT, WIDTH, HEIGHT);
    put_class(o, line->color);
    out_literal(o, "\" points=\"");
    for (size_t i = 0; i < chart->count; i++)
        buf_printf(o->buf, "%s%.1f,%.1f", i ? " " : "", ((double)i + .5) * slot * WIDTH / 100,
                   GROUND - height_of(&scale, line->values[i]));
    out_literal(o, "\"/></svg>");
    end(o, chart);
}

void chart_share(struct out *o, int permille) {
    int full = permille > 1000 ? 1000 : permille;
    buf_printf(o->buf,
               "<svg class=\"share\" width=\"64\" height=\"10\" aria-hidden=\"true\"><rect "
               "width=\"64\" height=\"10\" rx=\"3\"/><rect class=\"share-of\" width=\"%.1f\" "
               "height=\"10\" rx=\"3\"/></svg>",
               full * .064);
}
