// The signed WhatsApp messages a round sends, made before the round begins so that making them does not count. Message
// `n` says `order <n>`, so its reply is known by its text; its member and app follow from `n` alone.

import { hmacSha256 } from "../../server/src/platform/crypto/hmac.ts";
import { nowMs } from "./monotonic.ts";

/** An app of the floor or the product, as the server names it when it is ready. */
export interface Bearer {
  readonly appId: string;
  readonly inboundUrl: string;
  readonly phoneNumberId: string;
  readonly appSecret: string;
  readonly channelSecret: string;
}

export interface Aim {
  readonly apps: readonly Bearer[];
  /** Over all apps. */
  readonly members: number;
}

const firstMember = 15_550_000_000;

/** The member and the app message `order` comes from: neighbours come from different apps and members. */
export function toSender(aim: Aim, order: number): { readonly member: number; readonly app: Bearer } {
  const member = order % aim.members;
  const app = aim.apps[member % aim.apps.length];
  if (app === undefined) throw new RangeError("there is no app to send to");
  return { member: firstMember + member, app };
}

function toBody(app: Bearer, member: number, order: number): string {
  const seconds = Math.floor((performance.timeOrigin + performance.now()) / 1000);
  const value = {
    messaging_product: "whatsapp",
    metadata: { display_phone_number: "15550100100", phone_number_id: app.phoneNumberId },
    contacts: [{ profile: { name: "Mina Sample" }, wa_id: String(member) }],
    messages: [
      {
        from: String(member),
        id: `wamid.IN${process.pid}.${order}`,
        timestamp: String(seconds),
        type: "text",
        text: { body: `order ${order}` },
      },
    ],
  };
  const entry = [{ id: "800100200300400", changes: [{ value, field: "messages" }] }];
  return JSON.stringify({ object: "whatsapp_business_account", entry });
}

/** The bytes of the POST that carries message `order`. */
export function toRequest(aim: Aim, order: number): Buffer {
  const { app, member } = toSender(aim, order);
  const body = toBody(app, member, order);
  const { host, pathname } = new URL(app.inboundUrl);
  const head = [
    `POST ${pathname} HTTP/1.1`,
    `host: ${host}`,
    "content-type: application/json",
    `content-length: ${body.length}`,
    `x-hub-signature-256: sha256=${hmacSha256(app.appSecret, body).toString("hex")}`,
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`, "latin1");
}

/** The requests of one round, from `first` on. Those beyond the prepared ones are made when they are wanted. */
export class Traffic {
  readonly first: number;
  readonly #aim: Aim;
  readonly #prepared: Buffer[] = [];
  /** How many were made during the round: more than a few and the generator's cost shows in the figures. */
  late = 0;

  constructor(aim: Aim, first: number) {
    this.#aim = aim;
    this.first = first;
  }

  /** Makes up to `count` requests, stopping after `msMax`. */
  prepare(count: number, msMax: number): void {
    const endMs = nowMs() + msMax;
    for (let index = 0; index < count && nowMs() < endMs; index += 1) {
      this.#prepared.push(toRequest(this.#aim, this.first + index));
    }
  }

  /** Request `order`, once: it is forgotten afterwards. */
  take(order: number): Buffer {
    const made = this.#prepared[order - this.first];
    if (made !== undefined) return made;
    this.late += 1;
    return toRequest(this.#aim, order);
  }

  sender(order: number): { readonly member: number; readonly app: Bearer } {
    return toSender(this.#aim, order);
  }
}
