@NullMarked
package io.zaptrix.bitrix24;

import org.jspecify.annotations.NullMarked;
