/* Drawing QR codes. */
#include "base/qr.h"
#include <qrencode.h>

static bool dark(const QRcode *code, int x, int y) {
    return code->data[y * code->width + x] & 1;
}

/* Neighbours in a row become one box: a third of the bytes. */
static void put_row(struct buf *out, const QRcode *code, int y) {
    for (int x = 0; x < code->width; x++) {
        int from = x;
        while (x < code->width && dark(code, x, y))
            x++;
        if (x > from)
            buf_printf(out, "M%d %dh%dv1h-%dz", from + QR_QUIET, y + QR_QUIET, x - from, x - from);
    }
}

bool qr_svg(struct buf *out, const char *text) {
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    if (!code)
        return false;
    int side = code->width + 2 * QR_QUIET;
    buf_printf(out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
               " shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/>"
               "<path fill=\"#000\" d=\"",
               side, side, side, side);
    for (int y = 0; y < code->width; y++)
        put_row(out, code, y);
    buf_puts(out, "\"/></svg>");
    QRcode_free(code);
    return true;
}
