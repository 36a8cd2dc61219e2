import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseLetter } from "../../platform/mail/letter.ts";
import * as notices from "./index.ts";
import { calmNames, type Names, writeSampleLetters } from "./testing/sample-letters.ts";

const publicUrl = "https://chat.example.org";
const calm = Object.entries(writeSampleLetters(publicUrl, calmNames));

function everyName(text: string): Names {
  return { organisation: text, person: text, app: text, token: text, device: text, network: text };
}

function listAddresses(letter: notices.WrittenLetter): string[] {
  const inHtml = [...letter.html.matchAll(/\s(?:href|src|action|background)="([^"]*)"/g)].map(
    (match) => match[1] ?? "",
  );
  return [...inHtml, ...(letter.text.match(/\w+:\/\/\S+/g) ?? []), ...(letter.html.match(/\w+:\/\/[^\s"<]+/g) ?? [])];
}

/** Names that try something, and what must not appear of them. */
const bidi = /[\u202a-\u202e\u2066\u2067\u200e\u200f\u061c]/u;
const hostile: readonly (readonly [string, string])[] = [
  ["markup", `<img src=x onerror=alert(1)><a href="https://evil.example">x</a>'"&\``],
  ["a line break", "Acme\r\nBcc: eve@example.net\r\n\r\n<b>Hi</b>"],
  ["bidi controls", "Acme \u202egro.live\u202c \u2066x\u2069\u200f"],
  ["an address", "Your account is locked, go to https://evil.example/login or www.evil.example"],
  ["200 characters", "Wörter 株式会社 ".repeat(16).slice(0, 200)],
  ["control characters", "A\u0000\u001b[2J\u0007\u0085B\u2028C"],
  ["nothing to see", "\u200b\u2060 \t"],
  ["lone surrogates", "A\ud800B"],
  ["template syntax", "${organisation} {{constructor}} $& $1"],
];

describe("letters", () => {
  it.each(calm)("%s reads as approved", async (name, letter) => {
    const text = `Subject: ${letter.subject}\n\n${letter.text}`;
    await expect(text).toMatchFileSnapshot(`__snapshots__/${name}.txt`);
    await expect(letter.html).toMatchFileSnapshot(`__snapshots__/${name}.html`);
  });

  it("cover every letter there is", () => {
    const writers = Object.keys(notices).filter((one) => /^to\w+Letter$/.test(one));
    const source = writeSampleLetters.toString();
    expect(writers.filter((writer) => !source.includes(writer))).toEqual([]);
    expect(writers.length).toBeGreaterThan(10);
  });

  it.each([["https://chat.example.org"], ["https://example.org:8443/parley"], ["http://127.0.0.1:8080"]])(
    "lead only to the configured origin %s (CVE-2026-41275)",
    (configured) => {
      for (const letter of Object.values(writeSampleLetters(configured, everyName("https://evil.example/")))) {
        const addresses = listAddresses(letter);
        expect(addresses.length).toBeGreaterThan(1);
        expect(addresses.filter((address) => !address.startsWith(`${configured}/`))).toEqual([]);
      }
    },
  );

  it("load nothing, report nothing and hold no script", () => {
    for (const [, { html }] of calm) {
      expect(html).not.toMatch(/<(?:img|script|iframe|link|object|video|audio|form|input|svg|table|base)\b/i);
      expect(html).not.toMatch(/url\(|@import|@font-face|\son\w+=|http-equiv/i);
    }
  });

  it.each(hostile)("show a name with %s inert", (_, given) => {
    const letters = Object.values(writeSampleLetters(publicUrl, everyName(given)));
    const plain = Object.values(writeSampleLetters(publicUrl, everyName("Plain")));
    for (const [index, letter] of letters.entries()) {
      const tags = (html: string): string[] => html.match(/<\/?[a-z!][^>]*?(?=[\s>])/gi) ?? [];
      expect(tags(letter.html)).toEqual(tags(plain[index]?.html ?? ""));
      expect(`${letter.subject}${letter.text}${letter.html}`).not.toMatch(bidi);
      expect(letter.subject).not.toMatch(/\p{Cc}/u);
      expect(`${letter.text}${letter.html}`).not.toMatch(/(?!\n)\p{Cc}/u);
      expect(parseLetter({ to: "ada@example.org", ...letter }).subject).toBe(letter.subject);
    }
  });

  it("turn no name into a link, however mail programs find links in text", () => {
    const finder = /(?:https?:\/\/|www\.)[^\s]*evil|evil\.example|eve@example/;
    for (const [, letter] of Object.entries(
      writeSampleLetters(publicUrl, everyName("https://evil.example eve@example.net")),
    )) {
      expect(letter.text).not.toMatch(finder);
      expect(letter.html).not.toMatch(finder);
    }
  });

  it("are taken by the mailer whatever the names are", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        for (const letter of Object.values(writeSampleLetters(publicUrl, everyName(text)))) {
          parseLetter({ to: "ada@example.org", ...letter });
          expect(letter.subject).not.toMatch(bidi);
        }
      }),
      { numRuns: 20 },
    );
  });

  it("show at most the first letter of the address an account moved to", () => {
    const letter = writeSampleLetters(publicUrl, calmNames)["email-changed"];
    expect(letter?.text).toContain("a…@\u200cexample.\u200corg");
    expect(`${letter?.text}${letter?.html}`).not.toContain("ada@");
  });

  it("write times in UTC, in words, and spans in their largest unit", () => {
    const invitation = writeSampleLetters(publicUrl, calmNames).invitation;
    expect(invitation?.text.replaceAll("\n", " ")).toContain(
      "for 7 days, until Wednesday 21 October 2026, 09:05 Coordinated Universal Time (UTC).",
    );
    expect(writeSampleLetters(publicUrl, calmNames)["password-reset"]?.text).toContain("for 30 minutes");
  });
});

describe("toLink", () => {
  it("keeps a path of the public address and encodes the parameters", () => {
    const link = notices.toLink("https://example.org/parley/", "/reset/new", { token: "a&b=c d" });
    expect(link.toString()).toBe("https://example.org/parley/reset/new?token=a%26b%3Dc+d");
  });

  it.each([
    "http://example.org",
    "http://10.0.0.1",
    "ftp://example.org",
    "https://u:p@example.org",
    "https://a?b",
    "x",
    "",
  ])("refuses %s as the public address", (configured) => {
    expect(() => notices.toLink(configured, "/reset")).toThrow();
  });

  it.each(["reset", "//evil.example", "/@evil.example", "/\\evil.example", "/../x", "/a?b", "/a#b", "/a//b", "/"])(
    "refuses the path %s",
    (path) => {
      expect(() => notices.toLink("https://example.org", path)).toThrow();
    },
  );
});
