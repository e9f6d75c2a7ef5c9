/* Charts as SVG, made on the server. Every chart is a picture with a title and a summary for who
 * does not see it; the values themselves stand in a table beside it, which is the caller's.
 *
 * Places along the axis are per cents of the width, so that one chart fits a phone and a desk and
 * its letters stay as large as the text around it. Colours are classes (topic-1 to topic-8, rest),
 * for the dark scheme and for paper. */
#ifndef SITE_CHART_H
#define SITE_CHART_H

#include "base/out.h"
#include <stddef.h>
#include <stdint.h>

enum { CHART_COLORS = 8 };

struct chart_series {
    const char *label;
    int color;             /* 1 to CHART_COLORS of the palette; 0: the muted one */
    const int64_t *values; /* one a place; not negative */
};

struct chart {
    const char *id;      /* of the document's, for the names of its parts */
    const char *title;   /* what is shown; translated as all texts here */
    const char *summary; /* what can be seen in it, in a sentence; NULL: none */
    const char **places; /* along the axis: what the tip says */
    const char **ticks;  /* the same, short, below the axis */
    size_t count;        /* of places */
    struct chart_series *series;
    size_t series_count;
    const char *currency; /* values are cents of it; NULL: quantities */
};

/* One bar a place, the series on top of each other, with a legend where there is more than one. */
void chart_stacked(struct out *o, const struct chart *chart);

/* One bar a place and series, side by side. */
void chart_grouped(struct out *o, const struct chart *chart);

/* The last series as a line, over the bars of the one before it if there is one. Beyond CHART_BARS
 * places bars are too thin to be told apart. */
enum { CHART_BARS = 200 };
void chart_line(struct out *o, const struct chart *chart);

/* A share, 0 to 1000 thousandths, as a small bar in a cell of a table, beside its number. */
void chart_share(struct out *o, int permille);

#endif
