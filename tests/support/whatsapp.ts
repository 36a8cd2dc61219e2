// WhatsApp's side of the wire: bodies as Meta sends them, signed as Meta signs them.

import { createHmac } from "node:crypto";
import type { DemoApp } from "./server.ts";

export interface WhatsAppText {
  readonly id: string;
  readonly from: string;
  readonly text: string;
  readonly name?: string;
}

/** The body of one text message. */
export function toBody(app: DemoApp, message: WhatsAppText): string {
  const { id, from, text, name = "Someone" } = message;
  const { phoneNumberId } = app.channels.whatsapp;
  const value = {
    messaging_product: "whatsapp",
    metadata: { display_phone_number: "15550000001", phone_number_id: phoneNumberId },
    contacts: [{ profile: { name }, wa_id: from }],
    messages: [{ from, id, timestamp: "1700000000", type: "text", text: { body: text } }],
  };
  return JSON.stringify({
    object: "whatsapp_business_account",
    entry: [{ id: "1", changes: [{ field: "messages", value }] }],
  });
}

/** `X-Hub-Signature-256` of a body. */
export function sign(body: string, appSecret: string): string {
  return `sha256=${createHmac("sha256", appSecret).update(body).digest("hex")}`;
}

/** Posts a signed text. Returns the status, or undefined when nobody answered. */
export async function postText(app: DemoApp, message: WhatsAppText, baseUrl?: string): Promise<number | undefined> {
  const { inboundUrl, appSecret } = app.channels.whatsapp;
  const url = baseUrl === undefined ? inboundUrl : baseUrl + new URL(inboundUrl).pathname;
  const body = toBody(app, message);
  const headers = { "content-type": "application/json", "x-hub-signature-256": sign(body, appSecret) };
  try {
    const response = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(20_000) });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return undefined;
  }
}
