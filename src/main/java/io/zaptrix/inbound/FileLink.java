package io.zaptrix.inbound;

/**
 * Where Bitrix24 fetches a customer's file, without a login and for a while.
 *
 * @param url absolute
 * @param name as the agent sees it: safe as a file's name, with the ending that its content has
 */
record FileLink(String url, String name) {

    /** Leaves the link out: it opens the file without a login. */
    @Override
    public String toString() {
        return "FileLink[]";
    }
}
