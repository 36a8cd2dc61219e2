// The outer shape of WhatsApp's webhooks: what must hold before anything is believed. Strict about who and which, so
// that no event lands with the wrong member; the content of a message is read leniently elsewhere, because one odd
// message must not make WhatsApp send the whole batch again for seven days.
// Shapes: developers.facebook.com, "messages webhook reference" and "Business-scoped user IDs" (2026).

import { z } from "zod";
import { platformId } from "../bounds.ts";

const itemsMax = 1_000;

/** Seconds since 1970, as text or number, read as milliseconds. */
const secondsAsMs = z
  .union([z.string().regex(/^\d{1,11}$/), z.int().min(0).max(99_999_999_999)], {
    error: "must be seconds since 1970",
  })
  .transform((seconds) => Number(seconds) * 1000);

const optionalId = platformId.nullish().transform((id) => id ?? undefined);

export const envelopeSchema = z.object({
  object: z.literal("whatsapp_business_account"),
  entry: z
    .array(
      z.object({
        id: platformId,
        time: secondsAsMs.optional().catch(undefined),
        changes: z.array(z.object({ field: z.string().min(1).max(64), value: z.unknown() })).max(itemsMax),
      }),
    )
    .max(itemsMax),
});

export const metadataSchema = z.object({ metadata: z.object({ phone_number_id: platformId }) });

const systemIds = z.object({ previous_user_id: optionalId, user_id: optionalId }).partial();

const messageSchema = z
  .looseObject({
    id: platformId,
    type: z.string().min(1).max(64),
    timestamp: secondsAsMs,
    from: optionalId,
    from_user_id: optionalId,
    from_parent_user_id: optionalId,
    group_id: optionalId,
  })
  .transform((message, context) => {
    const senderId = message.from ?? findSystemMember(message) ?? message.from_user_id;
    const fields: Readonly<Record<string, unknown>> = message;
    if (senderId !== undefined) return { ...message, senderId, fields };
    context.issues.push({
      code: "custom",
      path: ["from"],
      input: undefined,
      message: "is missing, and so is from_user_id",
    });
    return z.NEVER;
  });

/** System messages about a changed id may carry no number: the member is the one with the id before the change. */
function findSystemMember(message: { readonly type: string; readonly [key: string]: unknown }): string | undefined {
  if (message.type !== "system") return undefined;
  const ids = systemIds.safeParse(message["system"]);
  return ids.success ? (ids.data.previous_user_id ?? ids.data.user_id) : undefined;
}

const statusSchema = z
  .looseObject({
    id: platformId,
    status: z.string().min(1).max(64),
    timestamp: secondsAsMs,
    recipient_id: optionalId,
    recipient_user_id: optionalId,
    recipient_participant_id: optionalId,
  })
  .transform((status, context) => {
    const recipientId = status.recipient_participant_id ?? status.recipient_id ?? status.recipient_user_id;
    const fields: Readonly<Record<string, unknown>> = status;
    if (recipientId !== undefined) return { ...status, recipientId, fields };
    context.issues.push({
      code: "custom",
      path: ["recipient_id"],
      input: undefined,
      message: "is missing, and so is recipient_user_id",
    });
    return z.NEVER;
  });

export const valueSchema = z.looseObject({
  contacts: z.array(z.unknown()).max(itemsMax).optional(),
  messages: z.array(messageSchema).max(itemsMax).optional(),
  statuses: z.array(statusSchema).max(itemsMax).optional(),
  errors: z.array(z.unknown()).max(itemsMax).optional(),
});

export type WhatsappMessage = z.infer<typeof messageSchema>;
export type WhatsappStatus = z.infer<typeof statusSchema>;
export type WhatsappValue = z.infer<typeof valueSchema>;
