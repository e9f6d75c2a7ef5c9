/* One template to one C function. */
#ifndef TOOLS_VIEW_EMIT_H
#define TOOLS_VIEW_EMIT_H

#include "tools/view_head.h"
#include "tools/view_pot.h"

/* Compiles the template `source` (NUL-terminated) of `path`, whose view must be called `name`. The
 * C text is appended to `c`, its messages go to `pot`. `assets` is assetc's list: "name address"
 * lines. */
struct view_head view_emit(const char *path, const char *name, const char *source,
                           const char *assets, struct view_pot *pot, struct buf *c);

#endif
