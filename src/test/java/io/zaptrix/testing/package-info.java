/** What the tests of several rooms share: a real PostgreSQL, and the application as a process of its own. */
@NullMarked
package io.zaptrix.testing;

import org.jspecify.annotations.NullMarked;
