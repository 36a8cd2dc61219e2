import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isError } from "../../kernel/errors.ts";
import { composeMessage } from "./compose.ts";
import { mailErrors } from "./errors.ts";
import { type Letter, parseLetter } from "./letter.ts";

const letter: Letter = { to: "ada@example.org", subject: "Hello", text: "Hi\n", html: "<p>Hi</p>" };
const sender = { name: "Parley", address: "no-reply@example.org" };

function isRefused(changes: Readonly<Record<string, unknown>>): boolean {
  try {
    parseLetter({ ...letter, ...changes } as Letter);
    return false;
  } catch (error) {
    return isError(error, mailErrors.letterInvalid) || isError(error, mailErrors.addressInvalid);
  }
}

describe("letters", () => {
  it.each(["\r\nBcc: eve@example.net", "\nX", "\rX", "\u0000", "\u2028X", "\u0085X", "\u001b[2J"])(
    "cannot bring a header through %j",
    (text) => {
      expect(isRefused({ subject: `Hello${text}` })).toBe(true);
      expect(isRefused({ to: `ada@example.org${text}` })).toBe(true);
    },
  );

  it.each(["to", "subject", "text", "html"])(
    "take only text in %s: no {path}, {href}, buffers or lists (GHSA-2x35-3fw4-9jr4, CVE-2026-85170, CVE-2026-62865)",
    (field) => {
      const values = [{ path: "/etc/passwd" }, { href: "http://127.0.0.1/" }, Buffer.from("x"), ["x"], 1, null];
      for (const value of values) expect(isRefused({ [field]: value })).toBe(true);
    },
  );

  it("are bounded", () => {
    expect(isRefused({ subject: "a".repeat(201) })).toBe(true);
    expect(isRefused({ text: "a".repeat(200_001) })).toBe(true);
    expect(isRefused({ html: "a".repeat(200_001) })).toBe(true);
    for (const blank of ["", " ", "\t", "\u00a0 \u3000"]) expect(isRefused({ subject: blank })).toBe(true);
    expect(isRefused({ text: "a\u001b[2J" })).toBe(true);
  });

  it("read no file and open no connection while they are composed (GHSA-2x35-3fw4-9jr4)", async () => {
    const unchecked = { ...letter, html: { path: "/etc/hostname" } } as unknown as Letter;
    await expect(composeMessage(unchecked, sender, 0)).rejects.toMatchObject({ code: "EFILEACCESS" });
    const remote = { ...letter, text: { href: "http://127.0.0.1:9/" } } as unknown as Letter;
    await expect(composeMessage(remote, sender, 0)).rejects.toMatchObject({ code: "EURLACCESS" });
  });

  it("have exactly the headers we write, whatever the subject", async () => {
    const expected = [
      "Auto-Submitted",
      "X-Auto-Response-Suppress",
      "From",
      "To",
      "Subject",
      "Message-ID",
      "Date",
      "MIME-Version",
      "Content-Type",
    ].sort();
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme", minLength: 1, maxLength: 150 }), async (subject) => {
        fc.pre(!isRefused({ subject }));
        const message = (await composeMessage(parseLetter({ ...letter, subject }), sender, 0)).toString("utf8");
        const head = message.slice(0, message.indexOf("\r\n\r\n"));
        const names = head.split(/\r\n(?![ \t])/).map((line) => line.slice(0, line.indexOf(":")));
        expect(names.sort()).toEqual(expected);
      }),
      { numRuns: 500, examples: [[" "], ["\u3000"], ["a "], [" a"]] },
    );
  });

  it("name neither this machine nor the program that sends", async () => {
    const message = (await composeMessage(parseLetter(letter), sender, Date.UTC(2026, 0, 2, 3, 4, 5))).toString("utf8");
    expect(message).toContain("From: Parley <no-reply@example.org>\r\nTo: ada@example.org\r\nSubject: Hello\r\n");
    expect(message).toContain("Date: Fri, 02 Jan 2026 03:04:05 +0000");
    expect(message).toMatch(/Message-ID: <[^@>]+@example\.org>/);
    expect(message).not.toContain("X-Mailer");
    expect(message).toContain("multipart/alternative");
  });
});
