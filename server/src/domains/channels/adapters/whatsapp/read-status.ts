// What became of a message we sent.

import type { InboundStatus } from "../../types.ts";
import { asRecord, withoutUndefined } from "../bounded-json.ts";
import { findText, inboundBounds, isPlainId } from "../bounds.ts";
import { findFailureSentence } from "./error-codes.ts";
import type { WhatsappStatus } from "./payload.ts";

/** A voice message that was played has been read. */
const statuses: ReadonlyMap<string, InboundStatus["status"]> = new Map([
  ["sent", "sent"],
  ["delivered", "delivered"],
  ["read", "read"],
  ["played", "read"],
  ["failed", "failed"],
  ["deleted", "deleted"],
]);

/**
 * The status as an event; undefined for a status this product has no word for. `errorText` is our sentence for the
 * codes we know, WhatsApp's own words otherwise. A reference that is no usable id is another sender's and left out.
 */
export function findStatus(status: WhatsappStatus): InboundStatus | undefined {
  const known = statuses.get(status.status);
  if (known === undefined) return undefined;
  const reference = status.fields["biz_opaque_callback_data"];
  const errors: unknown = status.fields["errors"];
  const error = readError(Array.isArray(errors) ? errors[0] : undefined);
  return {
    kind: "status",
    platformMessageId: status.id,
    externalId: status.recipientId,
    status: known,
    atMs: status.timestamp,
    ...withoutUndefined({
      reference: isPlainId(reference) ? reference : undefined,
      errorCode: error.code,
      errorText: error.code === undefined ? error.text : (findFailureSentence(Number(error.code)) ?? error.text),
    }),
  };
}

/** Code and words of one of WhatsApp's error objects, as far as it has them. */
export function readError(value: unknown): { readonly code: string | undefined; readonly text: string | undefined } {
  const error = asRecord(value);
  const words = [asRecord(error["error_data"])["details"], error["details"], error["message"], error["title"]];
  const text = words.map((word) => findText(word, inboundBounds.errorLengthMax)).find((word) => word !== undefined);
  return { code: Number.isSafeInteger(error["code"]) ? String(error["code"]) : undefined, text };
}
