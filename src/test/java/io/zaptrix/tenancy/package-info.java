/** Attacks on the walls between tenants. */
@NullMarked
package io.zaptrix.tenancy;

import org.jspecify.annotations.NullMarked;
