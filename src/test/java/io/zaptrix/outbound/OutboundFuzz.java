package io.zaptrix.outbound;

import io.zaptrix.fuzz.Target;
import java.util.List;

/** What agents write. */
public final class OutboundFuzz {

    private OutboundFuzz() {}

    public static List<Target> targets() {
        return List.of(
                Target.ofText(
                        "agents' texts",
                        List.of(
                                "[b]bold [i]both[/i][/b] [s]x[/s] [url=https://x.y]z[/url] [code]a[/code] [quote]q[/quote]\n[br]x",
                                "[USER=1]Ana[/USER] [color=#ff0000]x[/color] [list][*]a[*]b[/list] &quot;&amp;#39;",
                                "\uD83D\uDE00 [size=20]x[/size] ------------------------------------------------------\nAna\nquoted\n"),
                        List.of(
                                "[b]",
                                "[/b]",
                                "[i]",
                                "[/i]",
                                "[url=",
                                "[url]",
                                "[/url]",
                                "[code]",
                                "[/code]",
                                "[*]",
                                "[br]",
                                "[",
                                "]",
                                "*",
                                "_",
                                "~",
                                "```",
                                "&quot;",
                                "&#",
                                ";",
                                "\n",
                                "[quote]",
                                "[icon=x title=y]",
                                "[send=1]x[/send]"),
                        text -> {
                            for (int limit : new int[] {AgentText.LIMIT, 60}) {
                                for (String part : AgentText.toWhatsApp(text, limit)) {
                                    Target.promised(
                                            !part.isEmpty() && part.length() <= limit, "a part has " + part.length());
                                }
                            }
                        }),
                Target.ofText(
                        "template commands",
                        List.of("/template hello_world Ana \"two words\"", "/template x", "/ template"),
                        List.of("/template ", "\"", "'", "\\\"", " ", "\n", "[b]"),
                        text -> TemplateCommand.parse(text).ifPresent(command -> command.valuesFor(3))));
    }
}
