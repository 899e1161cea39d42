package io.zaptrix.sandbox;

/** An error as Bitrix24's REST answers it. */
final class RestFault extends RuntimeException {

    private final int status;
    private final String code;

    RestFault(int status, String code, String description) {
        super(description, null, false, false);
        this.status = status;
        this.code = code;
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }

    String description() {
        return String.valueOf(getMessage());
    }

    /** A parameter that is not there. */
    static RestFault empty(String argument) {
        return new RestFault(400, "ERROR_ARGUMENT", "Argument '" + argument + "' is null or empty");
    }

    static RestFault argument(String description) {
        return new RestFault(400, "ERROR_ARGUMENT", description);
    }
}
