package io.zaptrix.api;

import io.zaptrix.platform.TenantId;
import java.util.Set;
import java.util.UUID;

/** The principal of a request to the API: a program, known by its key. */
record ApiCaller(TenantId tenant, UUID keyId, Set<Scope> scopes) {

    /** As it stands in the audit, where a person's id stands otherwise. */
    String actor() {
        return "api_key:" + keyId;
    }
}
