package io.zaptrix.admin;

/**
 * What the navigation leads to, in its order. A page belongs to the section with the longest path that its own path
 * begins with; the words are in {@code messages/shell} under {@code nav.} and the section's name.
 */
enum Section {
    OVERVIEW("/admin/overview"),
    NUMBERS("/admin/phone-numbers"),
    MESSAGES("/admin/messages"),
    UNDELIVERED("/admin/messages/undelivered"),
    PEOPLE("/admin/people"),
    PRIVACY("/admin/privacy"),
    API_KEYS("/admin/api-keys"),
    CHECK("/admin/check"),
    HELP("/admin/help");

    private final String path;

    Section(String path) {
        this.path = path;
    }

    /** Where the section begins, without a query. */
    String path() {
        return path;
    }

    /** Whether a page at {@code address} may be counted to this section. */
    boolean holds(String address) {
        return address.equals(path) || address.startsWith(path + "/");
    }
}
