package io.zaptrix.admin;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.mock.web.MockHttpServletRequest;

/** Whoever tries doors does not fill the log, nor keep others' refusals out of it. */
class RefusalLogTest {

    private final Logger logger = (Logger) LoggerFactory.getLogger(RefusalLog.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final RefusalLog refusals = new RefusalLog();

    @BeforeEach
    void listen() {
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void listenNoMore() {
        logger.detachAppender(lines);
    }

    @Test
    void oneAddressIsWrittenDownSoOftenOnly() {
        for (int i = 0; i < 10 * RefusalLog.MOST; i++) {
            refusals.note(from("203.0.113.7"), "not signed in");
        }
        assertThat(written()).isEqualTo(RefusalLog.MOST);

        refusals.note(from("203.0.113.8"), "not signed in");
        assertThat(written()).isEqualTo(RefusalLog.MOST + 1);
    }

    private long written() {
        return lines.list.stream()
                .filter(line -> line.getLevel().isGreaterOrEqual(Level.INFO))
                .count();
    }

    private static MockHttpServletRequest from(String address) {
        MockHttpServletRequest request = new MockHttpServletRequest("GET", "/admin");
        request.setRemoteAddr(address);
        return request;
    }
}
