// Signed WhatsApp messages as the exact bytes that go on the wire, made before the measured time: signing costs the load
// generator as much as sending.

import { createHmac } from "node:crypto";
import { systemClock } from "../../server/src/kernel/clock.ts";
import type { TargetApp } from "./children.ts";

/** One message, ready to send, and what must come back. */
export interface Shot {
  /** The number in its text: unique in the run. */
  readonly order: number;
  readonly bytes: Buffer;
  /** Who must get the reply, as digits. */
  readonly member: number;
  /** Whose number must send it. */
  readonly phoneNumberId: number;
}

const firstMember = 15_550_000_000;
let orders = 0;

function toBody(app: TargetApp, member: number, order: number): string {
  const from = String(member);
  return JSON.stringify({
    object: "whatsapp_business_account",
    entry: [
      {
        id: "800100200300400",
        changes: [
          {
            value: {
              messaging_product: "whatsapp",
              metadata: { display_phone_number: "15550100100", phone_number_id: app.phoneNumberId },
              contacts: [{ profile: { name: `Member ${from.slice(-7)}` }, wa_id: from }],
              messages: [
                {
                  from,
                  id: `wamid.BENCH${String(order).padStart(12, "0")}`,
                  timestamp: String(Math.floor(systemClock.nowMs() / 1000)),
                  type: "text",
                  text: { body: `order ${order}` },
                },
              ],
            },
            field: "messages",
          },
        ],
      },
    ],
  });
}

function toRequest(app: TargetApp, body: string): Buffer {
  const { host, pathname } = new URL(app.inboundUrl);
  const signature = createHmac("sha256", app.appSecret).update(body).digest("hex");
  return Buffer.from(
    `POST ${pathname} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n` +
      `x-hub-signature-256: sha256=${signature}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/**
 * The next `count` messages. Members are spread evenly over the apps and each writes in turn, so nobody writes again
 * before `members` others have. Orders go on from call to call.
 */
export function makeShots(apps: readonly TargetApp[], count: number, members: number): Shot[] {
  return Array.from({ length: count }, () => {
    const order = orders;
    orders += 1;
    const seat = order % members;
    const app = apps[seat % apps.length] as TargetApp;
    const member = firstMember + seat;
    const bytes = toRequest(app, toBody(app, member, order));
    return { order, bytes, member, phoneNumberId: Number(app.phoneNumberId) };
  });
}
