// Regular expressions in linear time (RE2 syntax: no back-references, no look-around). The compiled size is
// bounded when a tree is parsed, and every search pays for text length times program size.

import { RE2JS } from "re2js";
import { limits } from "./limits.ts";
import { type Meter, spend } from "./meter.ts";

/** What a search found: the whole match, then its groups ("" for a group that took no part), and named groups. */
export interface RegexMatch {
  readonly groups: readonly string[];
  readonly named: { readonly [name: string]: string };
}

/** A compiled pattern. Both searches are unanchored and draw on the event's meter. */
export interface Regex {
  test(text: string, meter: Meter): boolean;
  find(text: string, meter: Meter): RegexMatch | undefined;
}

/** Compiles a pattern, or says why it is refused. */
export function compileRegex(
  pattern: string,
  options: { caseInsensitive: boolean },
): { ok: true; regex: Regex } | { ok: false; message: string } {
  if (pattern.length > limits.regexLength) {
    return { ok: false, message: `A pattern has at most ${limits.regexLength} characters.` };
  }
  try {
    const compiled = RE2JS.compile(pattern, options.caseInsensitive ? RE2JS.CASE_INSENSITIVE : 0);
    const size = compiled.programSize();
    if (size > limits.regexProgramSize) {
      return { ok: false, message: "This pattern is too large; use fewer or smaller repetitions." };
    }
    return { ok: true, regex: toRegex(compiled, size) };
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return { ok: false, message: `Not a valid pattern (RE2 syntax): ${reason.slice(0, 200)}` };
  }
}

function toRegex(compiled: RE2JS, size: number): Regex {
  const charge = (text: string, meter: Meter): void => spend(meter, 1 + Math.ceil((text.length * size) / 32));
  return {
    test(text, meter) {
      charge(text, meter);
      return compiled.matcher(text).find();
    },
    find(text, meter) {
      charge(text, meter);
      const matcher = compiled.matcher(text);
      if (!matcher.find()) return undefined;
      const groups: string[] = [];
      for (let index = 0; index <= matcher.groupCount(); index += 1) groups.push(matcher.group(index) ?? "");
      const named: { [name: string]: string } = Object.create(null);
      for (const [name, index] of Object.entries(compiled.namedGroups())) named[name] = groups[index] ?? "";
      return { groups, named };
    },
  };
}
