// The documented body of a custom channel's inbound request. Strict: the sender is a program somebody is writing, and a
// clear error today beats a field that is silently ignored for a year.

import { z } from "zod";
import { findJsonExcess } from "../bounded-json.ts";
import { inboundBounds, platformId } from "../bounds.ts";

export const eventsMax = 100;

/** 2001-09-09 to 2100-01-01: rules out seconds given for milliseconds. */
const earliestMs = 1_000_000_000_000;
const latestMs = 4_102_444_800_000;

const isoTime = z.iso.datetime({ offset: true, error: "must be an ISO 8601 time with its zone, or milliseconds" });
const moment = z
  .union([z.int(), isoTime.transform((text) => Date.parse(text))], {
    error: "must be an ISO 8601 time with its zone, or milliseconds since 1970",
  })
  .refine((ms) => ms >= earliestMs && ms <= latestMs, { error: "must lie between 2001 and 2100, in milliseconds" });

const words = z.string().min(1);
const link = z.url({ protocol: /^https?$/, error: "must be an http or https address" }).max(2_000);
const payload = z
  .string()
  .min(1)
  .max(inboundBounds.payloadLengthMax)
  .refine((text) => text.isWellFormed() && !text.includes("\u0000"), { error: "must be storable text" });
const eventName = z.string().regex(/^[A-Za-z0-9_.:-]{1,64}$/, { error: "must be 1 to 64 letters, digits or _.:-" });

const freeData = z.record(z.string(), z.unknown()).superRefine((data, context) => {
  const excess = findJsonExcess(data);
  if (excess !== undefined) context.addIssue({ code: "custom", message: excess });
});

const media = z.strictObject({
  url: link,
  mimeType: z.string().min(1).max(inboundBounds.nameLengthMax).optional(),
  filename: words.optional(),
  sizeBytes: z.int().min(0).optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});

const location = z.strictObject({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  name: words.optional(),
  address: words.optional(),
});

const message = {
  id: platformId,
  from: z.strictObject({ id: platformId, name: words.optional() }),
  timestamp: moment.optional(),
  data: freeData.optional(),
};
const text = words.optional();

const status = z
  .strictObject({
    id: platformId,
    type: z.literal("status"),
    reference: platformId.optional(),
    messageId: platformId.optional(),
    to: z.strictObject({ id: platformId }).optional(),
    status: z.enum(["sent", "delivered", "read", "failed", "deleted"]),
    at: moment.optional(),
    errorCode: z.string().min(1).max(64).optional(),
    errorText: words.optional(),
  })
  .refine((event) => event.reference !== undefined || event.messageId !== undefined, {
    path: ["reference"],
    error: "is missing, and so is messageId",
  });

export const eventSchema = z.discriminatedUnion("type", [
  z.strictObject({ ...message, type: z.literal("text"), text: words }),
  z.strictObject({ ...message, type: z.literal("payload"), payload, title: words.optional(), text }),
  z.strictObject({ ...message, type: z.literal("image"), image: media, text }),
  z.strictObject({ ...message, type: z.literal("audio"), audio: media, text }),
  z.strictObject({ ...message, type: z.literal("video"), video: media, text }),
  z.strictObject({ ...message, type: z.literal("file"), file: media, text }),
  z.strictObject({ ...message, type: z.literal("location"), location, text }),
  z.strictObject({ ...message, type: z.literal("contacts"), contacts: z.array(freeData).min(1).max(20), text }),
  z.strictObject({
    ...message,
    type: z.literal("reaction"),
    reaction: z.strictObject({ messageId: platformId, emoji: z.string().min(1).max(64).nullable() }),
  }),
  z.strictObject({ ...message, type: z.literal("event"), eventType: eventName, text }),
  z.strictObject({ ...message, type: z.literal("unknown"), text }),
  status,
]);

export const batchSchema = z.strictObject({ events: z.array(eventSchema).min(1).max(eventsMax) });

export type CustomEvent = z.infer<typeof eventSchema>;
