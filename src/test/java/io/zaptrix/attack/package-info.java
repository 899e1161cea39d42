/** Attacks on the application from outside and on its database, each by a name that says what the attacker tries. */
@NullMarked
package io.zaptrix.attack;

import org.jspecify.annotations.NullMarked;
