package io.zaptrix.admin;

import io.nayuki.qrcodegen.QrCode;

/**
 * A QR code as the path of an SVG, one unit a module, so that a page holds it without a picture of its own.
 *
 * @param size the width of the view box, with the four modules of quiet that readers need on each side
 */
record QrPicture(int size, String path) {

    private static final int QUIET = 4;

    static QrPicture of(String text) {
        QrCode code = QrCode.encodeText(text, QrCode.Ecc.MEDIUM);
        StringBuilder path = new StringBuilder();
        for (int y = 0; y < code.size; y++) {
            int x = 0;
            while (x < code.size) {
                int begin = x;
                while (x < code.size && code.getModule(x, y)) {
                    x++;
                }
                if (x > begin) {
                    int width = x - begin;
                    path.append('M').append(begin + QUIET).append(' ').append(y + QUIET);
                    path.append('h').append(width).append("v1h-").append(width).append('z');
                }
                x++;
            }
        }
        return new QrPicture(code.size + 2 * QUIET, path.toString());
    }
}
