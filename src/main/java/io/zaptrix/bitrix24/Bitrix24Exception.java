package io.zaptrix.bitrix24;

/** Why a call was not answered as asked. */
public class Bitrix24Exception extends RuntimeException {

    Bitrix24Exception(String message) {
        super(message);
    }
}
