package io.zaptrix.media;

import java.util.Locale;
import java.util.Set;

/**
 * As what a customer's file is given out. Pictures, sound and films of types in which nothing can run are shown in
 * place; everything else is to be saved, and whatever a browser or a desktop could run says of itself only that it is
 * bytes. Its name stays the true one.
 *
 * @param contentType the header of this name
 * @param inline whether it may be shown in place
 */
record ServedType(String contentType, boolean inline) {

    static final String BYTES = "application/octet-stream";

    private static final Set<String> SHOWN = Set.of(
            "image/jpeg",
            "image/png",
            "image/webp",
            "image/gif",
            "video/mp4",
            "video/3gpp",
            "audio/ogg",
            "audio/opus",
            "audio/mpeg",
            "audio/mp4",
            "audio/aac",
            "audio/amr");

    /** Passive, though no page should hold them. */
    private static final Set<String> SAVED = Set.of(
            "application/pdf",
            "application/zip",
            "application/msword",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "text/plain",
            "text/csv",
            "text/vcard",
            "video/quicktime");

    /** The only endings under which something is shown; a page that calls itself a picture is not. */
    private static final Set<String> SHOWN_ENDINGS = Set.of(
            ".jpg", ".jpeg", ".png", ".webp", ".gif", ".mp4", ".3gp", ".ogg", ".oga", ".opus", ".mp3", ".m4a", ".aac",
            ".amr");

    /** What browsers or desktops run, or run something in. */
    private static final Set<String> ACTIVE_ENDINGS = Set.of(
            ".htm",
            ".html",
            ".xhtml",
            ".xht",
            ".shtml",
            ".mht",
            ".mhtml",
            ".svg",
            ".svgz",
            ".xml",
            ".xsl",
            ".xslt",
            ".js",
            ".mjs",
            ".vbs",
            ".vbe",
            ".jse",
            ".wsf",
            ".wsh",
            ".hta",
            ".css",
            ".swf",
            ".exe",
            ".com",
            ".scr",
            ".bat",
            ".cmd",
            ".ps1",
            ".psm1",
            ".msi",
            ".msp",
            ".msix",
            ".dll",
            ".cpl",
            ".jar",
            ".apk",
            ".app",
            ".dmg",
            ".pkg",
            ".sh",
            ".bash",
            ".run",
            ".bin",
            ".deb",
            ".rpm",
            ".lnk",
            ".url",
            ".reg",
            ".scf",
            ".inf",
            ".iso",
            ".img",
            ".vhd",
            ".php",
            ".phtml",
            ".asp",
            ".aspx",
            ".jsp",
            ".py",
            ".pl",
            ".rb",
            ".docm",
            ".xlsm",
            ".pptm",
            ".chm",
            ".hlp",
            ".pif",
            ".gadget",
            ".application",
            ".jnlp");

    /**
     * @param mimeType without parameters, as Meta says
     * @param name what the file is called
     */
    static ServedType of(String mimeType, String name) {
        String ending = FileNames.ending(name).toLowerCase(Locale.ROOT);
        if (ACTIVE_ENDINGS.contains(ending)) {
            return new ServedType(BYTES, false);
        }
        if (SHOWN.contains(mimeType)) {
            return new ServedType(mimeType, SHOWN_ENDINGS.contains(ending));
        }
        return new ServedType(SAVED.contains(mimeType) ? mimeType : BYTES, false);
    }
}
