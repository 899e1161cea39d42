/** Measurements, run by {@code mvn verify -Pbench}: ratios of what is measured side by side in one run. */
@NullMarked
package io.zaptrix.bench;

import org.jspecify.annotations.NullMarked;
