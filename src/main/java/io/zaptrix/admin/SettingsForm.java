package io.zaptrix.admin;

import io.zaptrix.channel.ChannelSettings;
import org.jspecify.annotations.Nullable;

/** The form of a number's settings; a box that is not ticked is not in it. */
record SettingsForm(
        @Nullable String readReceipts,
        @Nullable String typingIndicator,
        @Nullable String autoTemplate,
        @Nullable String agentSignature,
        @Nullable String templateName,
        @Nullable String templateLanguage) {

    private static final String TICKED = "on";

    static SettingsForm of(ChannelSettings settings) {
        return new SettingsForm(
                settings.readReceipts() ? TICKED : null,
                settings.typingIndicator() ? TICKED : null,
                settings.autoTemplate() ? TICKED : null,
                settings.agentSignature() ? TICKED : null,
                settings.templateName(),
                settings.templateLanguage());
    }

    /** @throws IllegalArgumentException when a template or a language is none, or no template is there to be sent */
    ChannelSettings settings() {
        if (autoTemplate != null && text(templateName) == null) {
            throw new IllegalArgumentException("autoTemplate");
        }
        return new ChannelSettings(
                readReceipts != null,
                typingIndicator != null,
                autoTemplate != null,
                agentSignature != null,
                text(templateName),
                text(templateLanguage));
    }

    private static @Nullable String text(@Nullable String typed) {
        return typed == null || typed.isBlank() ? null : typed.strip();
    }
}
