// Messages as the Bot API takes them: the documented shapes of the reference platform (`{ "type": "TEXT", "text" }`) and our
// own names for the same things. Either becomes one of the generic messages.

import type { OutgoingMessage } from "@parley/engine";
import { z } from "zod";

const httpsUrl = z.url({ protocol: /^https$/, error: "must be an address that begins with https://" }).max(2048);
const text = z.string().min(1).max(4096);
const title = z.string().min(1).max(80);
const payload = z.string().min(1).max(256);

const TextMessage = z.strictObject({ type: z.enum(["TEXT", "text"]), text });
const ImageMessage = z.strictObject({
  type: z.enum(["IMAGE", "image"]),
  url: httpsUrl,
  caption: z.string().max(1024).optional(),
});
const Button = z.union([z.strictObject({ title, payload }), z.strictObject({ title, url: httpsUrl })]);
const ButtonsMessage = z.strictObject({
  type: z.enum(["BUTTONS", "buttons"]),
  text,
  buttons: z.array(Button).min(1).max(10),
});
const QuickRepliesMessage = z.strictObject({
  type: z.enum(["QUICK_REPLIES", "quickReplies"]),
  text,
  replies: z.array(z.strictObject({ title, payload })).min(1).max(13),
});

/** One message to send. */
export const WireMessage = z.discriminatedUnion("type", [
  TextMessage,
  ImageMessage,
  ButtonsMessage,
  QuickRepliesMessage,
]);
export type WireMessage = z.infer<typeof WireMessage>;

/** The generic message of a wire message. */
export function toOutgoing(message: WireMessage): OutgoingMessage {
  switch (message.type) {
    case "TEXT":
    case "text":
      return { type: "text", text: message.text };
    case "IMAGE":
    case "image": {
      const { url, caption } = message;
      return { type: "image", url, ...(caption === undefined ? {} : { caption }) };
    }
    case "BUTTONS":
    case "buttons":
      return { type: "buttons", text: message.text, buttons: message.buttons };
    case "QUICK_REPLIES":
    case "quickReplies":
      return { type: "quickReplies", text: message.text, replies: message.replies };
  }
}
