// The limits the platforms document, as schemas of what they accept. Written from their documentation and not from the
// renderers, so that a wrong limit there is found here. Test data only.

import { z } from "zod";
import type { PlatformRequest } from "../adapter.ts";

const text = (lengthMax: number): z.ZodType<string> =>
  z
    .string()
    .max(lengthMax)
    .refine((words) => words.trim() !== "" && words.isWellFormed() && !words.includes("\u0000"));
const link = z.url({ protocol: /^https?$/ });
const id = (lengthMax: number): z.ZodType<string> => text(lengthMax).refine((value) => value === value.trim());

/** Decimal degrees, written out. */
const degrees = (max: number): z.ZodType<string> =>
  z
    .string()
    .regex(/^-?\d{1,3}(\.\d+)?$/)
    .refine((written) => Math.abs(Number(written)) <= max);

function areUnique(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}

const reply = z.strictObject({ type: z.literal("reply"), reply: z.strictObject({ id: id(256), title: text(20) }) });
const replies = z
  .array(reply)
  .min(1)
  .max(3)
  .refine((items) => areUnique(items.map((item) => item.reply.id)) && areUnique(items.map((item) => item.reply.title)));
const row = z.strictObject({ id: id(200), title: text(24), description: text(72).optional() });
const section = z.strictObject({ title: text(24).optional(), rows: z.array(row).min(1) });
const sections = z
  .array(section)
  .min(1)
  .max(10)
  .refine((all) => all.length === 1 || all.every(({ title }) => title !== undefined))
  .refine((all) => all.flatMap(({ rows }) => rows).length <= 10)
  .refine((all) => areUnique(all.flatMap(({ rows }) => rows.map(({ id: rowId }) => rowId))))
  .refine((all) => areUnique(all.flatMap(({ rows }) => rows.map(({ title }) => title))));

const interactive = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("button"),
    body: z.strictObject({ text: text(1024) }),
    action: z.strictObject({ buttons: replies }),
  }),
  z.strictObject({
    type: z.literal("list"),
    body: z.strictObject({ text: text(4096) }),
    action: z.strictObject({ button: text(20), sections }),
  }),
  z.strictObject({
    type: z.literal("cta_url"),
    body: z.strictObject({ text: text(1024) }),
    action: z.strictObject({
      name: z.literal("cta_url"),
      parameters: z.strictObject({ display_text: text(20), url: link }),
    }),
  }),
]);

const whatsappHead = {
  messaging_product: z.literal("whatsapp"),
  recipient_type: z.literal("individual"),
  to: z.string().min(1),
  biz_opaque_callback_data: z.string().min(1).max(512),
};

const whatsappBody = z.discriminatedUnion("type", [
  z.strictObject({ ...whatsappHead, type: z.literal("text"), text: z.strictObject({ body: text(4096) }) }),
  z.strictObject({
    ...whatsappHead,
    type: z.literal("image"),
    image: z.strictObject({ link, caption: text(1024).optional() }),
  }),
  z.strictObject({ ...whatsappHead, type: z.literal("audio"), audio: z.strictObject({ link }) }),
  z.strictObject({
    ...whatsappHead,
    type: z.literal("video"),
    video: z.strictObject({ link, caption: text(1024).optional() }),
  }),
  z.strictObject({
    ...whatsappHead,
    type: z.literal("document"),
    document: z.strictObject({ link, caption: text(1024).optional(), filename: text(240).optional() }),
  }),
  z.strictObject({
    ...whatsappHead,
    type: z.literal("location"),
    location: z.strictObject({
      latitude: degrees(90),
      longitude: degrees(180),
      name: text(1000).optional(),
      address: text(1000).optional(),
    }),
  }),
  z.strictObject({ ...whatsappHead, type: z.literal("interactive"), interactive }),
]);

/** Fails when the Cloud API would refuse the request. */
export function assertWhatsappRequest(request: PlatformRequest): void {
  whatsappBody.parse(JSON.parse(request.body));
  z.literal("https://graph.example/v23.0/700100200300400/messages").parse(request.url);
  z.strictObject({
    authorization: z.literal("Bearer EAAaccess0token0for0tests"),
    "content-type": z.literal("application/json"),
  }).parse(request.headers);
}

const payloadChoice = { title: z.string().max(256), payload: z.string().min(1).max(1024) };
const words = z.string().min(1).max(65_536);
const fileId = z.string().regex(/^fil_[0-9a-f]{32}$/);

/** Media by its public address, or by the id of a file of the app. */
const media = <T extends string, Shape extends z.core.$ZodLooseShape>(type: T, shape: Shape) =>
  z
    .strictObject({ type: z.literal(type), url: link.optional(), fileId: fileId.optional(), ...shape })
    .refine((message) => "url" in message !== "fileId" in message);

const choice = z.union([z.strictObject(payloadChoice), z.strictObject({ title: z.string().max(256), url: link })]);

const customBody = z.strictObject({
  type: z.literal("message"),
  id: z.string().min(1),
  to: z.strictObject({ id: z.string().min(1) }),
  channelId: z.string().startsWith("chn_"),
  timestamp: z.iso.datetime(),
  message: z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("text"), text: text(65_536) }),
    media("image", { caption: words.optional() }),
    media("audio", {}),
    media("video", { caption: words.optional() }),
    media("file", { caption: words.optional(), name: z.string().min(1).max(256).optional() }),
    z.strictObject({
      type: z.literal("location"),
      latitude: z.number().min(-90).max(90),
      longitude: z.number().min(-180).max(180),
      name: words.optional(),
      address: words.optional(),
    }),
    z.strictObject({
      type: z.literal("buttons"),
      text: z.string().max(65_536),
      buttons: z.array(choice).min(1).max(100),
    }),
    z.strictObject({
      type: z.literal("quickReplies"),
      text: z.string().max(65_536),
      replies: z.array(choice).min(1).max(100),
    }),
    z.strictObject({
      type: z.literal("list"),
      text: z.string().max(65_536),
      button: z.string().max(256),
      sections: z
        .array(
          z.strictObject({
            title: z.string().min(1).max(256).optional(),
            rows: z.array(z.strictObject({ ...payloadChoice, description: words.optional() })).min(1),
          }),
        )
        .min(1)
        .refine((all) => all.flatMap(({ rows }) => rows).length <= 100),
    }),
    z.strictObject({
      type: z.literal("carousel"),
      cards: z
        .array(
          z.strictObject({
            title: z.string().max(256),
            text: words.optional(),
            image: z.union([z.strictObject({ url: link }), z.strictObject({ fileId })]).optional(),
            buttons: z.array(choice).max(100),
          }),
        )
        .min(1)
        .max(100),
    }),
  ]),
});

/** Fails when the request is not what the README of custom channels promises. */
export function assertCustomRequest(request: PlatformRequest): void {
  customBody.parse(JSON.parse(request.body));
  z.literal("https://customer.example/messages").parse(request.url);
  z.strictObject({
    "content-type": z.literal("application/json"),
    "webhook-id": z.string().startsWith("msg_"),
    "webhook-timestamp": z.string().regex(/^\d+$/),
    "webhook-signature": z.string().startsWith("v1,"),
    "x-woztell-signature": z.string().length(44),
  }).parse(request.headers);
}
