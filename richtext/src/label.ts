// What a link says of where it leads. A label that reads like an address of another host is completed by the host of the
// target, in brackets, in the label itself: no renderer can leave it out.

import { cleanLabel } from "./clean-text.ts";
import { type SafeUrl, toTargetHost } from "./safe-url.ts";
import type { Inline } from "./tree.ts";

/** The text of inlines, as it is read. */
export function readText(inlines: readonly Inline[]): string {
  return inlines
    .map((inline) => {
      if (inline.kind === "break") return " ";
      return "text" in inline ? inline.text : readText(inline.children);
    })
    .join("");
}

/** The parts of a text that could be hosts. */
function findHosts(text: string): string[] {
  const words = text.split(/[^\p{L}\p{M}\p{N}.-]+/u).map((word) => word.replace(/^\.+/, ""));
  return words
    .map((word) => word.split("."))
    .map((parts) => (parts.at(-1) === "" ? parts.filter((part) => part !== "") : parts))
    .filter((parts) => parts.length > 1 && (/^\p{L}[\p{L}\p{M}\p{N}-]+$/u.test(parts.at(-1) ?? "") || isNetwork(parts)))
    .map((parts) => parts.join("."));
}

const isNetwork = (parts: readonly string[]): boolean =>
  parts.length === 4 && parts.every((part) => /^\d+$/.test(part));

/** The hosts that a word of a label names: those before its path when there are such, as a reader takes it. */
function findHostsOfWord(word: string): string[] {
  const address = word.replace(/^[^\p{L}\p{N}]*[a-z][a-z\d+.-]*:\/\//u, "");
  const end = address.search(/[/?#\\]/);
  const hosts = findHosts(end < 0 ? address : address.slice(0, end));
  return hosts.length > 0 ? hosts : findHosts(word);
}

/** Whether a label reads like an address of a host, or like a number, that is not the target's. */
function isMisleading(label: string, url: SafeUrl): boolean {
  const read = label.normalize("NFKC").replaceAll("\u3002", ".").toLowerCase();
  const host = toTargetHost(url);
  if (url.startsWith("tel:")) {
    const digits = read.replace(/\D/g, "");
    if (digits.length > 4 && digits !== host.replace(/\D/g, "")) return true;
  }
  const plain = host.replace(/^www\./, "");
  const words = read
    .split(/\s+/)
    .map((word) => (url.startsWith("mailto:") ? word.slice(word.lastIndexOf("@") + 1) : word));
  return words.flatMap(findHostsOfWord).some((named) => named.replace(/^www\./, "") !== plain);
}

function clean(inlines: readonly Inline[]): Inline[] {
  return inlines.flatMap((inline): Inline[] => {
    if (inline.kind === "link") return clean(inline.children);
    if (inline.kind === "break") return [inline];
    if ("children" in inline) return [{ ...inline, children: clean(inline.children) }];
    return [{ ...inline, text: cleanLabel(inline.text) }];
  });
}

/** A link whose label is safe to believe: seen whole, without links of its own, with the host where it could mislead. */
export function toLink(url: SafeUrl, label: readonly Inline[]): Inline {
  const cleaned = clean(label);
  const text = readText(cleaned);
  if (text.trim() === "") return { kind: "link", url, children: [{ kind: "text", text: url }] };
  if (!isMisleading(text, url)) return { kind: "link", url, children: cleaned };
  // SECURITY: a label never passes for the address of another host.
  return { kind: "link", url, children: [...cleaned, { kind: "text", text: ` [${toTargetHost(url)}]` }] };
}
