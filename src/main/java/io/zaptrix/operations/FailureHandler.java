package io.zaptrix.operations;

import io.zaptrix.relay.RelayUnavailable;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Objects;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.core.AuthenticationException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.ServletWebRequest;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;
import org.springframework.web.servlet.resource.NoResourceFoundException;
import org.springframework.web.util.DisconnectedClientHelper;

/** Answers for whatever no controller answered for. */
@RestControllerAdvice
@Order(Ordered.LOWEST_PRECEDENCE)
class FailureHandler extends ResponseEntityExceptionHandler {

    private static final Logger log = LoggerFactory.getLogger(FailureHandler.class);

    private final ErrorPage page;

    FailureHandler(ErrorPage page) {
        this.page = page;
    }

    /** Spring Security's filters answer for these: by a sign-in, or by 403. */
    @ExceptionHandler({AccessDeniedException.class, AuthenticationException.class})
    void leaveToSecurity(RuntimeException refused) {
        throw refused;
    }

    @ExceptionHandler({
        RelayUnavailable.class,
        CannotCreateTransactionException.class,
        DataAccessResourceFailureException.class,
        TransientDataAccessException.class
    })
    @Nullable
    ResponseEntity<Object> unavailable(Exception failed, WebRequest request) throws Exception {
        log.warn("The database does not take a request: {}", failed.getMessage());
        HttpHeaders headers = new HttpHeaders();
        headers.set(HttpHeaders.RETRY_AFTER, "5");
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(
                HttpStatus.SERVICE_UNAVAILABLE, "The service cannot do this now; please try again.");
        return handleExceptionInternal(failed, problem, headers, HttpStatus.SERVICE_UNAVAILABLE, request);
    }

    /** What Tomcat throws when it reads a form that is malformed or too large. */
    @ExceptionHandler(InvalidParameterException.class)
    @Nullable
    ResponseEntity<Object> unreadableForm(InvalidParameterException failed, WebRequest request) {
        HttpStatusCode status = HttpStatusCode.valueOf(failed.getErrorCode());
        return handleExceptionInternal(failed, ProblemDetail.forStatus(status), new HttpHeaders(), status, request);
    }

    @ExceptionHandler(Exception.class)
    @Nullable
    ResponseEntity<Object> unexpected(Exception failed, WebRequest request) throws Exception {
        if (DisconnectedClientHelper.isClientDisconnectedException(failed)) {
            log.debug("The client went away before its answer");
            return null;
        }
        ResponseStatus annotated = AnnotatedElementUtils.findMergedAnnotation(failed.getClass(), ResponseStatus.class);
        HttpStatus status = annotated == null ? HttpStatus.INTERNAL_SERVER_ERROR : annotated.code();
        if (status.is5xxServerError()) {
            log.error("A request failed", failed);
        }
        return handleExceptionInternal(failed, ProblemDetail.forStatus(status), new HttpHeaders(), status, request);
    }

    /** Spring's detail speaks of resources, which says nothing to whoever called. */
    @Override
    protected @Nullable ResponseEntity<Object> handleNoResourceFoundException(
            NoResourceFoundException failed, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        return handleExceptionInternal(failed, ProblemDetail.forStatus(status), headers, status, request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleExceptionInternal(
            Exception failed,
            @Nullable Object body,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest webRequest) {
        ServletWebRequest exchange = (ServletWebRequest) webRequest;
        HttpServletRequest request = exchange.getRequest();
        HttpServletResponse response = Objects.requireNonNull(exchange.getResponse());
        if (!response.isCommitted() && Problems.wantsPage(request, request.getRequestURI())) {
            try {
                headers.forEach((name, values) -> values.forEach(value -> response.addHeader(name, value)));
                page.write(request, response, status);
                note(request, status, failed);
                return null;
            } catch (Exception failedToo) {
                log.error("The error page failed", failedToo);
            }
        }
        return super.handleExceptionInternal(failed, body, headers, status, webRequest);
    }

    /**
     * So that the log knows the reference that the page shows. Not by its address, in which anything may stand; and
     * whoever is not signed in is most often nobody who would ask.
     */
    private static void note(HttpServletRequest request, HttpStatusCode status, Exception failed) {
        if (status.is4xxClientError()) {
            log.atLevel(request.getUserPrincipal() == null ? Level.DEBUG : Level.INFO)
                    .log(
                            "answered {} at {}: {}",
                            status.value(),
                            request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE),
                            failed.getClass().getSimpleName());
        }
    }

    @Override
    protected ResponseEntity<Object> createResponseEntity(
            @Nullable Object body, HttpHeaders headers, HttpStatusCode status, WebRequest webRequest) {
        ProblemDetail problem = body instanceof ProblemDetail given ? given : ProblemDetail.forStatus(status);
        Problems.named(((ServletWebRequest) webRequest).getRequest(), problem);
        return ResponseEntity.status(status).headers(headers).body(problem);
    }
}
