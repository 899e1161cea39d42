/**
 * Random input for everything that reads what anybody may send: nothing may come out but what its documentation says. A
 * few thousand cases in every build; {@code mvn verify -Pfuzz} goes on for ten minutes.
 */
@NullMarked
package io.zaptrix.fuzz;

import org.jspecify.annotations.NullMarked;
