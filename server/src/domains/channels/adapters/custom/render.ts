// Renders a message for the callback address of a custom channel, signed so that the receiver can check it with the
// `standardwebhooks` library or with one plain HMAC.

import type { OutgoingMessage } from "@parley/engine";
import { AppError } from "../../../../kernel/errors.ts";
import type { PlatformRequest, SendTarget } from "../../adapter.ts";
import { channelErrors } from "../../errors.ts";
import { findField } from "../credentials.ts";
import { findWebLink } from "../links.ts";
import { toBoundedMessage } from "./bound-message.ts";
import { type ChannelKeys, findKeys, signBody, signDelivery } from "./secret.ts";

/**
 * The call that sends `message` to `settings.callbackUrl`. `webhook-id` is our reference and the same over every retry;
 * the time is that of the attempt. Throws `channels.incomplete` without a usable address or secret and
 * `channels.unsendable` for a message with nothing in it.
 */
export function renderRequest(message: OutgoingMessage, target: SendTarget): PlatformRequest {
  const url = getCallback(target);
  const keys = getKeys(target);
  const body = JSON.stringify({
    type: "message",
    id: target.reference,
    to: { id: target.externalId },
    channelId: target.channelId,
    timestamp: new Date(target.nowMs).toISOString(),
    message: toBoundedMessage(message),
  });
  const timestamp = String(Math.floor(target.nowMs / 1000));
  const signature = signDelivery(keys, { id: target.reference, timestamp, body }).toString("base64");
  const headers = {
    "content-type": "application/json",
    "webhook-id": target.reference,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${signature}`,
    "x-woztell-signature": signBody(keys, body).toString("base64"),
  };
  return { url, headers, body };
}

function getCallback(target: SendTarget): string {
  const url = findWebLink(findField(target.settings, "callbackUrl") ?? "");
  if (url !== undefined) return url;
  const message = "must be an http or https address without a user name";
  throw new AppError(channelErrors.incomplete, { mistakes: [{ path: "settings.callbackUrl", message }] });
}

function getKeys(target: SendTarget): ChannelKeys {
  const keys = findKeys(findField(target.credentials, "channelSecret"));
  if (keys !== undefined) return keys;
  const message = "must be whsec_ and the base64 of 24 to 64 bytes";
  throw new AppError(channelErrors.incomplete, { mistakes: [{ path: "credentials.channelSecret", message }] });
}
