package io.zaptrix.media;

import io.zaptrix.platform.TenantId;

/**
 * Somebody fetched a customer's file and did not get it, or not the right one. Bitrix24 asks only once and leaves the
 * file out of its message without a word, so that nobody would know. Published with the tenant bound, once an hour for
 * one file at most.
 *
 * @param phoneNumberId the number that it was sent to
 * @param chat the open line's chat that it belongs to
 * @param mediaId Meta's id of it
 * @param name under which it was given out
 * @param gone whether Meta has it no longer; else it may be there another time
 */
public record CustomerFileLost(
        TenantId tenant, String phoneNumberId, String chat, String mediaId, String name, boolean gone) {

    @Override
    public String toString() {
        return "CustomerFileLost[tenant=" + tenant + ", mediaId=" + mediaId + ", gone=" + gone + "]";
    }
}
