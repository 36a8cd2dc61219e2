import { limits, type OutgoingMessage } from "@parley/engine";
import { describe, expect, it } from "vitest";
import { toOutgoing, WireMessage } from "./wire-message.ts";

const url = "https://shop.example/a";
const fileId = `fil_${"0af9".repeat(8)}`;
const rows = [{ title: "Desk", description: "45 cm", payload: "desk" }];

function pathsOf(message: object): string[] {
  const parsed = WireMessage.safeParse(message);
  return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join("."));
}

describe("a message of the Bot API", () => {
  it.each<[string, string, object, OutgoingMessage]>([
    ["TEXT", "text", { text: "Hi" }, { type: "text", text: "Hi" }],
    ["IMAGE", "image", { url, caption: "c" }, { type: "image", url, caption: "c" }],
    ["IMAGE", "image", { fileId }, { type: "image", url: `file:${fileId}` }],
    ["AUDIO", "audio", { url }, { type: "audio", url }],
    ["AUDIO", "audio", { fileId }, { type: "audio", url: `file:${fileId}` }],
    ["VIDEO", "video", { fileId, caption: "c" }, { type: "video", url: `file:${fileId}`, caption: "c" }],
    ["FILE", "file", { url, name: "a.pdf" }, { type: "file", url, name: "a.pdf" }],
    ["FILE", "file", { fileId, caption: "c" }, { type: "file", url: `file:${fileId}`, caption: "c" }],
    [
      "LOCATION",
      "location",
      { latitude: -90, longitude: 180, name: "Pole" },
      { type: "location", latitude: -90, longitude: 180, name: "Pole" },
    ],
    [
      "LIST",
      "list",
      { text: "Choose", button: "Open", sections: [{ title: "Lamps", rows }, { rows }] },
      { type: "list", text: "Choose", button: "Open", sections: [{ title: "Lamps", rows }, { rows }] },
    ],
    [
      "CAROUSEL",
      "carousel",
      {
        cards: [
          { title: "Lamp", imageFileId: fileId },
          { title: "Chair", imageUrl: url, buttons: [{ title: "Go", url }] },
        ],
      },
      {
        type: "carousel",
        cards: [
          { title: "Lamp", imageUrl: `file:${fileId}`, buttons: [] },
          { title: "Chair", imageUrl: url, buttons: [{ title: "Go", url }] },
        ],
      },
    ],
  ])("%s, or %s, with %j is understood", (documented, own, fields, message) => {
    for (const type of [documented, own]) {
      expect(toOutgoing(WireMessage.parse({ type, ...fields }))).toEqual(message);
    }
  });

  it.each<[string, object, string[]]>([
    ["neither address nor file", { type: "IMAGE" }, ["url"]],
    ["both address and file", { type: "VIDEO", url, fileId }, ["url"]],
    ["an address that is no https", { type: "AUDIO", url: "http://shop.example/a" }, ["url"]],
    ["a file as an address", { type: "FILE", url: `file:${fileId}` }, ["url"]],
    ["a file of another form", { type: "FILE", fileId: "fil_../../etc/passwd" }, ["fileId"]],
    ["a path for a name", { type: "FILE", fileId, name: "../a.pdf" }, ["name"]],
    ["a name that reads backwards", { type: "FILE", fileId, name: "a\u202efdp.exe" }, ["name"]],
    ["a place off the map", { type: "LOCATION", latitude: 90.1, longitude: -181 }, ["latitude", "longitude"]],
    ["a list without rows", { type: "LIST", text: "x", button: "b", sections: [{ rows: [] }] }, ["sections.0.rows"]],
    [
      "a card with two pictures",
      { type: "CAROUSEL", cards: [{ title: "a", imageUrl: url, imageFileId: fileId }] },
      ["cards.0.imageFileId"],
    ],
    [
      "more cards than a tree may have",
      { type: "CAROUSEL", cards: Array.from({ length: limits.cardsPerCarousel + 1 }, () => ({ title: "a" })) },
      ["cards"],
    ],
    ["a field of another kind", { type: "AUDIO", url, caption: "c" }, [""]],
  ])("with %s is refused, and the field is named", (_name, message, paths) => {
    expect(pathsOf(message)).toEqual(paths);
  });

  it("opens no file of the app by a button", () => {
    const buttons = [{ title: "Go", url: `file:${fileId}` }];
    expect(pathsOf({ type: "BUTTONS", text: "x", buttons }).length).toBeGreaterThan(0);
    expect(pathsOf({ type: "CAROUSEL", cards: [{ title: "a", buttons }] }).length).toBeGreaterThan(0);
  });
});
