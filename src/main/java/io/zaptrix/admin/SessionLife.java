package io.zaptrix.admin;

import jakarta.servlet.http.HttpSession;
import java.time.Duration;
import java.time.Instant;

/**
 * How long a session lives. Unused it ends as the configuration says ({@code server.servlet.session.timeout}); used or
 * not, it ends {@link #LONGEST} after it began, so that nobody goes on with a right that was taken from them in
 * Bitrix24, nor with a cookie that was. Opening the app from Bitrix24's menu begins a new one, which nobody notices.
 */
final class SessionLife {

    /** A working day. */
    static final Duration LONGEST = Duration.ofHours(12);

    /** What a sign-in outside the iframe may take; until then the session is nobody's, and anybody can make one. */
    static final Duration OF_NOBODY = Duration.ofMinutes(10);

    private SessionLife() {}

    static boolean isOver(HttpSession session, Instant now) {
        return Instant.ofEpochMilli(session.getCreationTime()).plus(LONGEST).isBefore(now);
    }

    /** For the session in which somebody goes to their portal to sign in. */
    static void ofNobody(HttpSession session) {
        session.setMaxInactiveInterval((int) OF_NOBODY.toSeconds());
    }

    /** For that of somebody who has just signed in. */
    static void ofSomebody(HttpSession session) {
        session.setMaxInactiveInterval((int) session.getServletContext().getSessionTimeout() * 60);
    }
}
