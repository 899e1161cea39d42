package io.zaptrix.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.faults.RecordingPortals.Taken;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Every message that was answered with 200 against every message that a portal took.
 *
 * @param accepted how many were answered with 200
 * @param taken how many a portal took, repetitions counted
 * @param lost accepted and taken nowhere
 * @param doubled taken more than once without saying so
 * @param unordered taken after one of its conversation that was written later
 * @param marked taken with the mark that it may be a repetition
 */
record Reconciliation(
        int accepted, int taken, List<String> lost, List<String> doubled, List<String> unordered, List<String> marked) {

    /** @param accepted by conversation, in the order of writing */
    static Reconciliation of(Map<String, List<String>> accepted, List<Taken> taken) {
        Map<String, Integer> place = new HashMap<>();
        List<String> lost = new ArrayList<>();
        Set<String> arrived = new HashSet<>();
        taken.forEach(one -> arrived.add(one.wamid()));
        int count = 0;
        for (List<String> conversation : accepted.values()) {
            for (int i = 0; i < conversation.size(); i++) {
                count++;
                place.put(conversation.get(i), i);
                if (!arrived.contains(conversation.get(i))) {
                    lost.add(conversation.get(i));
                }
            }
        }
        List<String> doubled = new ArrayList<>();
        List<String> unordered = new ArrayList<>();
        List<String> marked = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        Map<String, Integer> last = new HashMap<>();
        int mine = 0;
        for (Taken one : taken) {
            if (!accepted.containsKey(one.conversation())) {
                continue;
            }
            mine++;
            if (one.marked()) {
                marked.add(one.wamid());
            }
            if (!seen.add(one.wamid())) {
                if (!one.marked()) {
                    doubled.add(one.wamid());
                }
                continue;
            }
            Integer here = place.get(one.wamid());
            if (here != null && last.merge(one.conversation(), here, Math::max) > here) {
                unordered.add(one.wamid());
            }
        }
        return new Reconciliation(count, mine, lost, doubled, unordered, marked);
    }

    boolean complete() {
        return lost.isEmpty();
    }

    /** @param story under which name it is printed */
    void isClean(String story) {
        System.out.printf(
                "reconciliation %s: accepted %d, taken %d, lost %d, doubled %d, out of order %d, perhaps repeated %d%n",
                story, accepted, taken, lost.size(), doubled.size(), unordered.size(), marked.size());
        assertThat(lost).as("lost").isEmpty();
        assertThat(doubled).as("doubled").isEmpty();
        assertThat(unordered).as("out of order").isEmpty();
        assertThat(marked).as("needlessly marked as perhaps repeated").isEmpty();
    }
}
