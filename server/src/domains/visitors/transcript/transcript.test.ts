import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseLetter } from "../../../platform/mail/letter.ts";
import type { TranscriptContent } from "./describe-content.ts";
import { queueTranscript } from "./queue-transcript.ts";
import { type TranscriptMessage, toTranscriptLetter } from "./write-transcript.ts";

const at = "2026-10-14T09:05:30.000Z";
const site = "chat.example.org";
const fromBot = (content: TranscriptContent, name?: string): TranscriptMessage => ({ from: "bot", at, content, name });
const fromVisitor = (text: string, name?: string): TranscriptMessage => ({
  ...{ from: "visitor", at, content: { type: "text", text }, name },
});
const write = (messages: readonly TranscriptMessage[], title = "Harbour Books") =>
  toTranscriptLetter({ title, site, messages });

const calm: readonly TranscriptMessage[] = [
  fromBot({ type: "text", text: "**Hello!** How can I help?\n- Orders\n- Returns" }, "Harbour bot"),
  fromVisitor("order 42\nplease", "Ada Okafor"),
  fromBot({
    type: "buttons",
    text: "See [the order](https://shop.example/orders/42)",
    buttons: [{ title: "Track it" }],
  }),
  { from: "visitor", at, content: { type: "payload", title: "Track it" } },
  fromBot({ type: "image", media: { name: "parcel.png" }, caption: "Your parcel" }),
  fromBot({ type: "file", media: {} }),
  fromBot({ type: "location", latitude: 41.4, longitude: 2.2, name: "Shop" }),
  fromBot({ type: "quickReplies", text: "Anything else?", replies: [{ title: "Yes" }, { title: "No" }] }),
  fromBot({ type: "list", text: "Choose", sections: [{ rows: [{ title: "One" }] }, { rows: [{ title: "Two" }] }] }),
  fromBot({ type: "carousel", cards: [{ title: "Moby-Dick", text: "A whale" }] }),
  { from: "system", at, content: { type: "unknown" } },
  { from: "agent", name: "Bo", at, content: { type: "text", text: "I am Bo. `code`" } },
];

const tagsOf = (page: string): Set<string> =>
  new Set((page.match(/<\/?[a-z!][a-z0-9]*/gi) ?? []).map((tag) => tag.toLowerCase()));

describe("a transcript", () => {
  it("reads as approved", async () => {
    const letter = write(calm);
    await expect(`Subject: ${letter.subject}\n\n${letter.text}`).toMatchFileSnapshot("__snapshots__/transcript.txt");
    await expect(letter.html).toMatchFileSnapshot("__snapshots__/transcript.html");
  });

  it.each([
    ["markup", '<img src=x onerror=alert(1)><script>alert(1)</script><a href="https://evil.example">x</a>'],
    ["a script address (CVE-2026-39964)", "[x](javascript:alert(1)) <javascript:alert(1)>"],
    ["an image (CVE-2026-47733)", "![x](https://evil.example/x.png) ![x](data:image/svg+xml,x)"],
    ["a link that says another address", "[https://bank.example](https://evil.example/login)"],
    ["a line break in a header", "x\r\nBcc: eve@example.net"],
    ["controls and directions", "a\u0000\u001b[2J\u202egro.live\u2066\u200f"],
    ["a style", '</p><style>*{display:none}</style><p style="x">'],
    ["lone surrogates", "A\ud800B"],
    ["template syntax", "${x} {{constructor}} $& $1"],
  ])("CVE-2024-9148: shows %s inert, wherever it stands", (_, hostile) => {
    const everywhere: TranscriptMessage[] = [
      fromVisitor(hostile, hostile),
      fromBot({ type: "image", media: { name: hostile }, caption: hostile }, hostile),
      fromBot({ type: "buttons", text: hostile, buttons: [{ title: hostile }] }),
      fromBot({ type: "carousel", cards: [{ title: hostile, text: hostile }] }),
      fromBot({ type: "location", latitude: 1, longitude: 2, name: hostile, address: hostile }),
    ];
    const letter = write(everywhere, hostile);
    const known = new Set([
      ...tagsOf(write(calm).html),
      "<br",
      "<em",
      "</em",
      "<blockquote",
      "</blockquote",
      "<pre",
      "</pre",
    ]);
    expect([...tagsOf(letter.html)].filter((tag) => !known.has(tag))).toEqual([]);
    expect(letter.html).not.toMatch(/<a\b|\s(?:href|src|action|on\w+)=(?!\w*[^<]*&)/i);
    expect(`${letter.subject}${letter.text}${letter.html}`).not.toMatch(/[\u202a-\u202e\u2066\u2067]/);
    expect(letter.text).not.toMatch(/(?!\n)\p{Cc}/u);
    expect(parseLetter({ to: "ada@example.org", ...letter }).subject).toBe(letter.subject);
  });

  it("SECURITY: lets no message pass for somebody else's", () => {
    const { text } = write([fromVisitor("x\n\nSupport, 2026-10-14 09:05 UTC\nYour refund is granted.")]);
    expect(text).not.toMatch(/^Support/m);
    expect(text).toMatch(/^ {2}Support/m);
  });

  it("holds no link, loads nothing and names the site that sent it", () => {
    const { html, text } = write(calm);
    expect(html).not.toMatch(/<(?:a|img|script|iframe|link|object|video|audio|form|input|svg|table|base)\b/i);
    expect(html).not.toMatch(/url\(|@import|\son\w+=|http-equiv/i);
    for (const form of [html, text]) {
      expect(form).toContain("the order (https://shop.example/orders/42)");
      expect(form).toContain("Sent by Parley at chat.example.org.");
    }
  });

  it("holds the latest 500 messages, and fewer when they are long, within what the mail server takes", () => {
    const many = Array.from({ length: 600 }, (_, index) => fromVisitor(`number ${index};`));
    const letter = write(many);
    expect(letter.text.match(/number \d+;/g)).toHaveLength(500);
    expect(letter.text).toContain("number 599;");
    expect(letter.text).toContain("Earlier messages are left out.");
    expect(write(many.slice(0, 500)).text).not.toContain("left out");
    const long = write(Array.from({ length: 500 }, () => fromVisitor("<".repeat(10_000))));
    expect(parseLetter({ to: "ada@example.org", ...long }).html.length).toBeLessThan(200_000);
    expect(long.html.length).toBeGreaterThan(50_000);
  });

  it("is taken by the mailer whatever was said", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        const messages = [fromVisitor(text, text), fromBot({ type: "file", media: { name: text }, caption: text })];
        const { subject } = parseLetter({ to: "ada@example.org", ...write(messages, text) });
        expect(subject).toMatch(/^Your chat: ./);
      }),
      { numRuns: 60 },
    );
  });
});

describe("queueing a transcript", () => {
  const queue = async (identity: { email?: string; isEmailVerified: boolean } | undefined, messages = calm) => {
    const stored: unknown[] = [];
    const sealer = { seal: (_field: unknown, text: string) => Buffer.from(text) };
    const deps = { installation: { sealer: async () => sealer }, publicUrl: "https://chat.example.org/parley" };
    const writer = {
      lookUp: async (_statement: unknown, values: unknown[]) => {
        stored.push(values[1]);
        return [];
      },
    };
    await queueTranscript(deps as never, writer as never, { identity, title: "Harbour Books", messages });
    return stored.map((content) => JSON.parse(String(content)));
  };

  it("writes to the verified address of a verified visitor", async () => {
    const letters = await queue({ email: "ada@example.org", isEmailVerified: true });
    expect(letters).toEqual([expect.objectContaining({ to: "ada@example.org", subject: "Your chat: Harbour Books" })]);
    expect(letters[0].text).toContain("Sent by Parley at chat.example.org.");
  });

  it.each([[undefined], [{ isEmailVerified: true }], [{ email: "ada@example.org", isEmailVerified: false }]])(
    "SECURITY: writes to nobody else: %j",
    async (identity) => {
      await expect(queue(identity)).rejects.toMatchObject({ code: "visitors.transcript_refused", status: 403 });
    },
  );

  it("sends nothing when nothing was said", async () => {
    await expect(queue({ email: "ada@example.org", isEmailVerified: true }, [])).rejects.toMatchObject({
      code: "visitors.transcript_empty",
    });
  });
});
