// Which links a bot may send: https, with a host, without credentials. Checked when a tree is saved and again
// after rendering, since a template can make any text.

import { limits } from "../limits.ts";

/** What is wrong with a link, or undefined when it may be sent. */
export function describeUrlProblem(text: string): string | undefined {
  if (text.length > limits.urlLength) return `A link has at most ${limits.urlLength} characters.`;
  if (!/^https:\/\//i.test(text) || /[\s\\\p{Cc}]/u.test(text)) return "Must be a link that starts with https://.";
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (parsed === undefined || parsed.protocol !== "https:" || parsed.hostname === "")
    return "Must be a valid https link.";
  if (parsed.username !== "" || parsed.password !== "") return "A link must not carry a user name or password.";
  return undefined;
}
