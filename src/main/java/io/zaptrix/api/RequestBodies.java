package io.zaptrix.api;

import io.zaptrix.api.ApiProblem.Wrong;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.Validation;
import jakarta.validation.Validator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.hibernate.validator.messageinterpolation.ParameterMessageInterpolator;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.MutableCoercionConfig;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.type.LogicalType;

/**
 * Reads what programs send, strictly: what is misspelt, doubled or of another type is told with its place rather than
 * passed over, and what is large or deep is given up early.
 */
@Component
class RequestBodies {

    static final int LARGEST = 64 * 1024;

    private static final int DEEPEST = 16;

    private final JsonMapper json = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .maxNumberLength(20)
                            .maxNameLength(100)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    // What is quoted of a body in an error would be somebody's message.
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .withCoercionConfig(LogicalType.Textual, RequestBodies::textsAreTexts)
            .build();

    private static void textsAreTexts(MutableCoercionConfig texts) {
        texts.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
    }

    /** In one language, whatever the request asks for: programs read it, and logs. */
    private final Validator validator = Validation.byDefaultProvider()
            .configure()
            .messageInterpolator(new ParameterMessageInterpolator(Set.of(Locale.ENGLISH), Locale.ENGLISH, false))
            .buildValidatorFactory()
            .getValidator();

    /** @throws ApiProblem when it is no such request */
    <T> T read(byte[] body, Class<T> type) {
        if (body.length > LARGEST) {
            throw ApiProblem.of(ApiProblem.Type.TOO_LARGE);
        }
        T request = parse(body, type);
        if (request == null) {
            throw ApiProblem.of(ApiProblem.Type.MALFORMED);
        }
        List<Wrong> errors = new ArrayList<>();
        for (ConstraintViolation<T> violation : validator.validate(request)) {
            errors.add(new Wrong(jsonName(violation.getPropertyPath().toString()), violation.getMessage()));
        }
        if (!errors.isEmpty()) {
            errors.sort(Comparator.comparing(Wrong::field).thenComparing(Wrong::message));
            throw ApiProblem.invalid(errors);
        }
        return request;
    }

    private <T> T parse(byte[] body, Class<T> type) {
        try {
            return json.readValue(body, type);
        } catch (DatabindException unfit) {
            String field = field(unfit);
            if (field.isEmpty()) {
                throw ApiProblem.of(ApiProblem.Type.MALFORMED);
            }
            throw ApiProblem.invalid(
                    field,
                    unfit instanceof tools.jackson.databind.exc.UnrecognizedPropertyException
                            ? "is not known here"
                            : "has another type or value than is expected here");
        } catch (JacksonException noJson) {
            throw ApiProblem.of(ApiProblem.Type.MALFORMED);
        }
    }

    /** Something that tells two requests apart and two spellings of one not. */
    byte[] canonical(Object request) {
        return json.writeValueAsBytes(request);
    }

    private static String field(DatabindException unfit) {
        StringBuilder field = new StringBuilder();
        for (JacksonException.Reference step : unfit.getPath()) {
            if (step.getPropertyName() == null) {
                field.append('[').append(step.getIndex()).append(']');
            } else {
                field.append(field.isEmpty() ? "" : ".").append(step.getPropertyName());
            }
        }
        // The sender's own words, if it is unknown: no more of them than says which.
        return field.substring(0, Math.min(field.length(), 100));
    }

    private static String jsonName(String path) {
        return path.replaceAll("([a-z])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
    }
}
