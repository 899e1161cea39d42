/**
 * Stories of messages and portals, told over sockets: the application as processes of their own between two stand-ins.
 */
@NullMarked
package io.zaptrix.story;

import org.jspecify.annotations.NullMarked;
