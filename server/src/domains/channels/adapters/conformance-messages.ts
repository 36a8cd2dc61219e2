// Messages of every kind for the conformance suite: hostile ones, and a plain one of each. A kind that is missing here is a
// type error. Test data only.

import type { OutgoingMessage } from "@parley/engine";
import fc from "fast-check";

type Kind = OutgoingMessage["type"];
type ByKind = { readonly [K in Kind]: fc.Arbitrary<Extract<OutgoingMessage, { type: K }>> };

const anyWords = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc
    .tuple(fc.constantFrom("word ", "👩‍👩‍👧‍👦", "e\u0301", "\n"), fc.nat(5_000))
    .map(([part, count]) => part.repeat(count)),
);
const anyLink = fc.oneof(
  fc.webUrl(),
  fc.constantFrom("javascript:alert(1)", "", "not an address", `https://a.example/${"x".repeat(3_000)}`),
);
const anyAddress = fc.oneof(
  anyLink,
  fc.constantFrom(`file:fil_${"0af9".repeat(8)}`, "file:///etc/passwd", "file:fil_0", "file:"),
);
const anyPayload = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.constantFrom("a", "b", "x".repeat(230)),
);
const anyTitle = fc.oneof(anyWords, fc.constantFrom("Yes", "No"));
const anyReply = fc.record({ title: anyTitle, payload: anyPayload });
const anyButton = fc.oneof(anyReply, fc.record({ title: anyWords, url: anyLink }));
const anyRow = fc.record(
  { title: anyTitle, payload: anyPayload, description: anyWords },
  { requiredKeys: ["title", "payload"] },
);
const anySection = fc.record(
  { title: anyTitle, rows: fc.array(anyRow, { maxLength: 12 }) },
  { requiredKeys: ["rows"] },
);
const anyCard = fc.record(
  { title: anyTitle, text: anyWords, imageUrl: anyAddress, buttons: fc.array(anyButton, { maxLength: 4 }) },
  { requiredKeys: ["title", "buttons"] },
);
const degrees = (max: number): fc.Arbitrary<number> =>
  fc
    .oneof(fc.double({ min: -max, max, noNaN: true }), fc.constantFrom(max, -max, 0, 5e-324, 1e-7))
    .map((value) => value + 0);

/** Messages of each kind, with hostile words, addresses and payloads. */
export const messagesByKind: ByKind = {
  text: fc.record({ type: fc.constant("text"), text: anyWords }),
  image: fc.record(
    { type: fc.constant("image"), url: anyAddress, caption: anyWords },
    { requiredKeys: ["type", "url"] },
  ),
  audio: fc.record({ type: fc.constant("audio"), url: anyAddress }),
  video: fc.record(
    { type: fc.constant("video"), url: anyAddress, caption: anyWords },
    { requiredKeys: ["type", "url"] },
  ),
  file: fc.record(
    { type: fc.constant("file"), url: anyAddress, name: anyWords, caption: anyWords },
    { requiredKeys: ["type", "url"] },
  ),
  location: fc.record(
    {
      type: fc.constant("location"),
      latitude: degrees(90),
      longitude: degrees(180),
      name: anyWords,
      address: anyWords,
    },
    { requiredKeys: ["type", "latitude", "longitude"] },
  ),
  buttons: fc.record({
    type: fc.constant("buttons"),
    text: anyWords,
    buttons: fc.array(anyButton, { maxLength: 14 }),
  }),
  quickReplies: fc.record({
    type: fc.constant("quickReplies"),
    text: anyWords,
    replies: fc.array(anyReply, { maxLength: 14 }),
  }),
  list: fc.record({
    type: fc.constant("list"),
    text: anyWords,
    button: anyWords,
    sections: fc.array(anySection, { maxLength: 12 }),
  }),
  carousel: fc.record({ type: fc.constant("carousel"), cards: fc.array(anyCard, { maxLength: 12 }) }),
};

/** Every kind of message there is. */
export const kinds = Object.keys(messagesByKind) as readonly Kind[];

/** A message of any kind. */
export const anyMessage: fc.Arbitrary<OutgoingMessage> = fc.oneof(...Object.values(messagesByKind));

/** One message of each kind that every platform can show; its words, `word1` and on, must arrive. */
export const plainMessages: { readonly [K in Kind]: Extract<OutgoingMessage, { type: K }> } = {
  text: { type: "text", text: "word1" },
  image: { type: "image", url: "https://files.example/word1.png", caption: "word2" },
  audio: { type: "audio", url: "https://files.example/word1.mp3" },
  video: { type: "video", url: "https://files.example/word1.mp4", caption: "word2" },
  file: { type: "file", url: "https://files.example/word1", name: "word2.pdf", caption: "word3" },
  location: { type: "location", latitude: 22.28, longitude: 114.15, name: "word1", address: "word2" },
  buttons: {
    type: "buttons",
    text: "word1",
    buttons: [
      { title: "word2", payload: "word3" },
      { title: "word4", url: "https://shop.example/word5" },
    ],
  },
  quickReplies: { type: "quickReplies", text: "word1", replies: [{ title: "word2", payload: "word3" }] },
  list: {
    type: "list",
    text: "word1",
    button: "word2",
    sections: [
      { title: "word3", rows: [{ title: "word4", description: "word5", payload: "word6" }] },
      { title: "word7", rows: [{ title: "word8", payload: "word9" }] },
    ],
  },
  carousel: {
    type: "carousel",
    cards: [
      { title: "word1", text: "word2", buttons: [{ title: "word3", payload: "word4" }] },
      { title: "word5", buttons: [{ title: "word6", url: "https://shop.example/word7" }] },
    ],
  },
};
