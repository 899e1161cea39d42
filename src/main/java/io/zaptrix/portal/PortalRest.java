package io.zaptrix.portal;

import io.zaptrix.bitrix24.Bitrix24Exception;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * The REST of the bound tenant's portal, with tokens that are always fresh: refreshed when fewer than five minutes are
 * left or the portal says {@code expired_token}, once at a time across replicas.
 */
public interface PortalRest {

    /**
     * Calls one method.
     *
     * @return the answer's {@code result}
     * @throws Bitrix24Exception as {@link io.zaptrix.bitrix24.Bitrix24Rest#call}; of kind {@code SUSPEND} also when the
     *     portal's tokens are dead, and the portal is then marked {@link Portal.Status#SUSPENDED}
     * @throws IllegalStateException when no tenant is bound
     */
    default JsonNode call(String method, Map<String, ?> params) {
        return call(method, params, () -> {});
    }

    /**
     * The same, for what must not happen twice.
     *
     * @param checkpoint called right before each request, when all that could take time is done: the token is read or
     *     refreshed; what it throws is thrown, and nothing is sent
     */
    JsonNode call(String method, Map<String, ?> params, Runnable checkpoint);
}
