package io.zaptrix.platform;

/** Somebody who wants to know what replicas tell each other by {@code NOTIFY}. A bean of this type is told. */
public interface NotificationListener {

    /** The database's channel, a plain identifier. */
    String channel();

    /** One notification; called on the one thread that hears them all, so it must not wait for anything. */
    void heard(String payload);

    /** Some may have been missed: after a start, and whenever the connection had broken. */
    void missed();
}
