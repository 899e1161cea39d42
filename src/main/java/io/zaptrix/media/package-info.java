/**
 * Files on their way: what customers send, given out under signed links that expire
 * ({@link io.zaptrix.media.MediaLinks}), and what agents send, handed to Meta ({@link io.zaptrix.media.AgentFiles}).
 * Streams both ways; no file is ever kept.
 */
@ApplicationModule(
        displayName = "Media",
        allowedDependencies = {"platform", "meta", "bitrix24", "portal", "channel"})
@NullMarked
package io.zaptrix.media;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
