/**
 * What happens when machines, processes, disks and networks fail: replicas as processes of their own, a PostgreSQL that
 * is killed and frozen, and a count of every message afterwards.
 */
@NullMarked
package io.zaptrix.faults;

import org.jspecify.annotations.NullMarked;
