/** The API's own pieces; what it does as a whole is told in {@code ApiStory}. */
@NullMarked
package io.zaptrix.api;

import org.jspecify.annotations.NullMarked;
