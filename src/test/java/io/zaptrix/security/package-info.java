/** What must hold of the code as a whole for its secrets to stay secret, and what it is made of. */
@NullMarked
package io.zaptrix.security;

import org.jspecify.annotations.NullMarked;
