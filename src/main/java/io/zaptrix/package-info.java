/** The gateway; its rooms are the packages below, and `docs/architecture.md` draws how data flows through them. */
@NullMarked
package io.zaptrix;

import org.jspecify.annotations.NullMarked;
