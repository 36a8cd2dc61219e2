import type { OutgoingMessage } from "@parley/engine";
import { describe, expect, it } from "vitest";
import { isError } from "../../../../kernel/errors.ts";
import type { SendTarget } from "../../adapter.ts";
import { channelErrors } from "../../errors.ts";
import { renderRequest } from "./render.ts";

const target: SendTarget = {
  channelId: `chn_${"0".repeat(32)}`,
  externalId: "15550101001",
  reference: "msg_1",
  settings: { phoneNumberId: "700100200300400" },
  credentials: { accessToken: "EAAtoken" },
  apiUrl: "https://graph.example/v23.0/",
  nowMs: 0,
};

function render(message: OutgoingMessage, own: Partial<SendTarget> = {}): Record<string, unknown> {
  return JSON.parse(renderRequest(message, { ...target, ...own }).body) as Record<string, unknown>;
}

function choices(...titles: string[]): { title: string; payload: string }[] {
  return titles.map((title, index) => ({ title, payload: `p${index}` }));
}

function interactive(message: OutgoingMessage, own: Partial<SendTarget> = {}): unknown {
  return render(message, own)["interactive"];
}

describe("the call", () => {
  it("addresses the number's messages with the token, the member and our reference", () => {
    expect(renderRequest({ type: "text", text: "Hello" }, target)).toEqual({
      url: "https://graph.example/v23.0/700100200300400/messages",
      headers: { authorization: "Bearer EAAtoken", "content-type": "application/json" },
      body: '{"messaging_product":"whatsapp","recipient_type":"individual","to":"15550101001","biz_opaque_callback_data":"msg_1","type":"text","text":{"body":"Hello"}}',
    });
  });

  it("addresses a member known only by a business-scoped user id as recipient", () => {
    for (const externalId of ["US.13491208655302741918", "US.ENT.11815799212886844830"]) {
      const body = render({ type: "text", text: "Hello" }, { externalId });
      expect(body).toMatchObject({ recipient: externalId });
      expect(body).not.toHaveProperty("to");
    }
  });

  it.each([
    ["a path in the number", { settings: { phoneNumberId: "1/../2" } }],
    ["a line break in the token", { credentials: { accessToken: "EAA\r\nx-other: 1" } }],
  ])("refuses %s", (_name, own) => {
    let thrown: unknown;
    try {
      render({ type: "text", text: "Hello" }, own);
    } catch (error) {
      thrown = error;
    }
    expect(isError(thrown, channelErrors.incomplete)).toBe(true);
  });
});

describe("texts", () => {
  it("ends a text over 4,096 characters in an ellipsis, between whole visible characters", () => {
    const family = "👩‍👩‍👧‍👦";
    const { body } = render({ type: "text", text: family.repeat(400) })["text"] as { body: string };
    expect(body.length).toBeLessThanOrEqual(4096);
    expect(body).toBe(`${family.repeat(Math.floor(4095 / family.length))}…`);
  });

  it("sends a text of exactly 4,096 characters untouched", () => {
    expect(render({ type: "text", text: "a".repeat(4096) })).toMatchObject({ text: { body: "a".repeat(4096) } });
  });

  it("sends an image by link with its caption, and only the caption when the link cannot go out", () => {
    const url = "https://files.example/a.png";
    expect(render({ type: "image", url, caption: "A lamp" })).toMatchObject({
      image: { link: url, caption: "A lamp" },
    });
    expect(render({ type: "image", url })["image"]).toEqual({ link: url });
    expect(render({ type: "image", url: "ftp://files.example/a", caption: "A lamp" })).toMatchObject({
      text: { body: "A lamp" },
    });
  });
});

describe("media and places", () => {
  const url = "https://files.example/a";
  const fileUrl = `file:fil_${"0".repeat(32)}`;

  it.each<[OutgoingMessage, object]>([
    [
      { type: "audio", url },
      { type: "audio", audio: { link: url } },
    ],
    [
      { type: "video", url, caption: "Look" },
      { type: "video", video: { link: url, caption: "Look" } },
    ],
    [
      { type: "file", url, name: "guide.pdf", caption: "Read" },
      { type: "document", document: { link: url, caption: "Read", filename: "guide.pdf" } },
    ],
    [
      { type: "location", latitude: 22.25, longitude: -1e-9, name: "Shop", address: "1 Road" },
      {
        type: "location",
        location: { latitude: "22.2500000", longitude: "-0.0000000", name: "Shop", address: "1 Road" },
      },
    ],
  ])("sends %j as it is documented", (message, expected) => {
    expect(render(message)).toMatchObject(expected);
  });

  it("cuts the name of a document before its extension, and takes no path for a name", () => {
    const { filename } = render({ type: "file", url, name: `../${"a".repeat(300)}.pdf` })["document"] as {
      filename: string;
    };
    expect(filename).toMatch(/^\.\._a+….pdf$/);
    expect(filename.length).toBeLessThanOrEqual(240);
  });

  it("tells the words of what lies in the app, which WhatsApp cannot fetch", () => {
    expect(render({ type: "image", url: fileUrl, caption: "A lamp" })).toMatchObject({ text: { body: "A lamp" } });
    expect(render({ type: "file", url: fileUrl, name: "guide.pdf", caption: "Read" })).toMatchObject({
      text: { body: "guide.pdf\nRead" },
    });
  });

  it.each(["image", "audio", "video", "file"] as const)("cannot send a wordless %s of the app", (type) => {
    let thrown: unknown;
    try {
      render({ type, url: fileUrl });
    } catch (error) {
      thrown = error;
    }
    expect(isError(thrown, channelErrors.unsendable)).toBe(true);
  });
});

describe("lists", () => {
  const row = (name: string, fields: object = {}) => ({ title: name, payload: `p:${name}`, ...fields });

  it("show rows under their headings, behind their own button", () => {
    const sections = [
      { title: "Lamps", rows: [row("Desk", { description: "45 cm" })] },
      { title: "Chairs", rows: [row("Oak"), row("Pine")] },
    ];
    expect(interactive({ type: "list", text: "Choose", button: "See all", sections })).toEqual({
      type: "list",
      body: { text: "Choose" },
      action: {
        button: "See all",
        sections: [
          { title: "Lamps", rows: [{ id: "p:Desk", title: "Desk", description: "45 cm" }] },
          {
            title: "Chairs",
            rows: [
              { id: "p:Oak", title: "Oak" },
              { id: "p:Pine", title: "Pine" },
            ],
          },
        ],
      },
    });
  });

  it("show ten rows in all and write out the others", () => {
    const sections = ["A", "B"].map((name) => ({
      title: name,
      rows: Array.from({ length: 6 }, (_, index) => row(`${name}${index}`)),
    }));
    const shown = interactive({ type: "list", text: "Choose", button: "See all", sections }) as {
      body: { text: string };
      action: { sections: { rows: unknown[] }[] };
    };
    expect(shown.action.sections.map(({ rows }) => rows.length)).toEqual([6, 4]);
    expect(shown.body.text).toBe("Choose\nB4\nB5");
  });

  it("call a section without a title as the button, where another section has one", () => {
    const sections = [{ rows: [row("A")] }, { title: "Named", rows: [row("B")] }];
    expect(interactive({ type: "list", text: "x", button: "See all", sections })).toMatchObject({
      action: { sections: [{ title: "See all" }, { title: "Named" }] },
    });
  });

  it("keep titles, headings, descriptions and the button within their lengths", () => {
    const long = "a".repeat(100);
    const sections = [{ title: long, rows: [row(long, { description: long })] }];
    expect(interactive({ type: "list", text: "x", button: long, sections })).toMatchObject({
      action: {
        button: `${"a".repeat(19)}…`,
        sections: [
          {
            title: `${"a".repeat(23)}…`,
            rows: [{ title: `${"a".repeat(23)}…`, description: `${"a".repeat(71)}…` }],
          },
        ],
      },
    });
  });

  it("are text where no row can be tapped", () => {
    const sections = [{ rows: [{ title: "Long", payload: "x".repeat(201) }] }];
    expect(render({ type: "list", text: "Choose", button: "b", sections })).toMatchObject({
      text: { body: "Choose\nLong" },
    });
  });
});

describe("carousels", () => {
  const lamp = { title: "Lamp", text: "Warm light", imageUrl: "https://files.example/lamp.png" };
  const chair = { title: "Chair", buttons: [{ title: "Buy", payload: "buy:chair" }] };

  it("become a list of their buttons with a section a card, and links in the text", () => {
    const buttons = [
      { title: "Buy", payload: "buy:lamp" },
      { title: "More", url: "https://shop.example/lamp" },
    ];
    expect(interactive({ type: "carousel", cards: [{ ...lamp, buttons }, chair] })).toEqual({
      type: "list",
      body: { text: "Lamp\nWarm light\n\nChair\nLamp – More: https://shop.example/lamp" },
      action: {
        button: "☰",
        sections: [
          { title: "Lamp", rows: [{ id: "buy:lamp", title: "Buy" }] },
          { title: "Chair", rows: [{ id: "buy:chair", title: "Buy (2)", description: "Buy" }] },
        ],
      },
    });
  });

  it("are text without a button to tap", () => {
    expect(render({ type: "carousel", cards: [{ ...lamp, buttons: [] }] })).toMatchObject({
      text: { body: "Lamp\nWarm light" },
    });
  });
});

describe("choices", () => {
  it("shows up to three as reply buttons, for buttons and quick replies alike", () => {
    const expected = {
      type: "button",
      body: { text: "Size?" },
      action: {
        buttons: [
          { type: "reply", reply: { id: "p0", title: "Small" } },
          { type: "reply", reply: { id: "p1", title: "Large" } },
        ],
      },
    };
    expect(interactive({ type: "buttons", text: "Size?", buttons: choices("Small", "Large") })).toEqual(expected);
    expect(interactive({ type: "quickReplies", text: "Size?", replies: choices("Small", "Large") })).toEqual(expected);
  });

  it("shows four to ten as a list, under the channel's own label", () => {
    const message: OutgoingMessage = {
      type: "quickReplies",
      text: "Day?",
      replies: choices("Mon", "Tue", "Wed", "Thu"),
    };
    expect(interactive(message)).toMatchObject({
      type: "list",
      action: { button: "☰", sections: [{ rows: [{ id: "p0", title: "Mon" }, {}, {}, {}] }] },
    });
    const settings = { ...target.settings, listLabel: "Choose a day" };
    expect(interactive(message, { settings })).toMatchObject({ action: { button: "Choose a day" } });
  });

  it("uses a list rather than cut a long text over two buttons", () => {
    const message: OutgoingMessage = { type: "quickReplies", text: "a".repeat(2_000), replies: choices("Yes", "No") };
    expect(interactive(message)).toMatchObject({ type: "list", body: { text: "a".repeat(2_000) } });
  });

  it("writes out what goes beyond ten, so that it can be typed", () => {
    const titles = Array.from({ length: 12 }, (_, index) => `Choice ${index + 1}`);
    const shown = interactive({ type: "quickReplies", text: "Pick", replies: choices(...titles) }) as {
      body: { text: string };
    };
    expect(shown.body.text).toBe("Pick\nChoice 11\nChoice 12");
  });

  it("makes equal titles differ, also where they became equal by being cut", () => {
    const shown = interactive({
      type: "quickReplies",
      text: "?",
      replies: choices("Yes", "Yes", "A very long title that is cut"),
    });
    expect(JSON.stringify(shown)).toContain('"title":"Yes (2)"');
    const cut = interactive({
      type: "quickReplies",
      text: "?",
      replies: choices("A very long title for one", "A very long title for two"),
    });
    expect(JSON.stringify(cut)).toMatch(/"A very long title f…".*"A very long tit… \(2\)"/);
  });

  it("never sends two buttons with one payload", () => {
    const twice = [
      { title: "Yes", payload: "y" },
      { title: "Sure", payload: "y" },
      { title: "Yes", payload: "y" },
    ];
    expect(interactive({ type: "quickReplies", text: "Well?", replies: twice })).toEqual({
      type: "button",
      body: { text: "Well?\nSure" },
      action: { buttons: [{ type: "reply", reply: { id: "y", title: "Yes" } }] },
    });
  });

  it("keeps the whole title of a cut row as its description", () => {
    const replies = choices("A title that is far too long for a row", "Two", "Three", "Four");
    expect(interactive({ type: "quickReplies", text: "?", replies })).toMatchObject({
      action: {
        sections: [
          {
            rows: [
              { title: "A title that is far too…", description: "A title that is far too long for a row" },
              {},
              {},
              {},
            ],
          },
        ],
      },
    });
  });

  it("never cuts a payload: one that is too long is written out by its title", () => {
    const replies = [
      { title: "Long", payload: "x".repeat(257) },
      { title: "Short", payload: "s" },
    ];
    expect(interactive({ type: "quickReplies", text: "?", replies })).toMatchObject({ body: { text: "?\nLong" } });
  });
});

describe("links", () => {
  const site = { title: "Our site", url: "https://shop.example/" };

  it("shows a single link as a link button", () => {
    expect(interactive({ type: "buttons", text: "Look", buttons: [site] })).toEqual({
      type: "cta_url",
      body: { text: "Look" },
      action: { name: "cta_url", parameters: { display_text: "Our site", url: "https://shop.example/" } },
    });
  });

  it("writes several links, and links beside other buttons, as lines", () => {
    const other = { title: "Help", url: "https://help.example/" };
    expect(render({ type: "buttons", text: "Look", buttons: [site, other] })).toMatchObject({
      text: { body: "Look\nOur site: https://shop.example/\nHelp: https://help.example/" },
    });
    expect(interactive({ type: "buttons", text: "Look", buttons: [...choices("Buy"), site] })).toMatchObject({
      type: "button",
      body: { text: "Look\nOur site: https://shop.example/" },
    });
  });

  it("cuts the text before a link, and never a link", () => {
    const buttons = [site, { title: "Help", url: "https://help.example/" }];
    const { body } = render({ type: "buttons", text: "word ".repeat(2_000), buttons })["text"] as { body: string };
    expect(body.endsWith("…\nOur site: https://shop.example/\nHelp: https://help.example/")).toBe(true);
    expect(body.length).toBeLessThanOrEqual(4096);
  });
});
