/* QR codes (ISO/IEC 18004) as SVG, so that they are sharp on paper and need no file. The symbol is
 * libqrencode's; only the drawing is ours. */
#ifndef BASE_QR_H
#define BASE_QR_H

#include "base/buf.h"
#include <stdbool.h>

enum { QR_QUIET = 4 }; /* modules of white around the symbol, as the standard asks */

/* Appends an <svg> element of the text (bytes as they are, error correction M), black on white in
 * every colour scheme, one unit a module, without a size of its own: the page's style gives one.
 * False, and nothing appended, for an empty text and one longer than a symbol holds (2,331 bytes).
 */
bool qr_svg(struct buf *out, const char *text);

#endif
