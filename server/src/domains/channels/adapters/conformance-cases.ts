// What the conformance suite needs to know of each adapter. Signatures are made here by other means than the adapters
// use (Web Crypto, the `standardwebhooks` library), since a signer cannot find its own mistake. Test data only.

import { readdirSync, readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";
import type { ChannelAdapter, ChannelCredentials, ChannelSettings, HttpAdapter, PlatformRequest } from "../adapter.ts";
import { assertCustomRequest, assertWhatsappRequest } from "./conformance-limits.ts";
import { customAdapter } from "./custom/adapter.ts";
import { whatsappAdapter } from "./whatsapp/adapter.ts";

type Headers = Record<string, string>;

export const receivedAtMs = 1_767_225_600_000;

export interface SignatureCase {
  readonly name: string;
  readonly adapter: ChannelAdapter;
  readonly credentials: ChannelCredentials;
  /** The credential that signs. */
  readonly secretName: string;
  /** Another secret of the same form. */
  readonly otherSecret: string;
  /** The header that carries the signature. */
  readonly header: string;
  sign(body: Buffer, credentials: ChannelCredentials): Promise<Headers>;
  /** What somebody can sign who has no secret: HMAC pads an empty key with zeros, so 64 zero bytes are the same key. */
  signWithoutSecret(body: Buffer): Promise<Headers>;
  /** Signatures with the right key that this scheme does not use. */
  signOtherwise(body: Buffer, credentials: ChannelCredentials): Promise<readonly Headers[]>;
}

export interface AdapterCase {
  readonly adapter: HttpAdapter;
  readonly settings: ChannelSettings;
  readonly credentials: ChannelCredentials;
  readonly apiUrl: string;
  readonly externalId: string;
  readonly samples: readonly { readonly name: string; readonly text: string }[];
  /** Bodies that are not the platform's, each with a path that must be named. */
  readonly malformed: readonly { readonly name: string; readonly body: unknown; readonly path: string }[];
  readonly accepted: string;
  /** Fails when the platform would refuse the request. */
  assertRequest(request: PlatformRequest): void;
}

type HashName = "SHA-1" | "SHA-256" | "SHA-512";

async function hmac(hash: HashName, key: string, data: Buffer): Promise<Buffer> {
  const keyBytes = new TextEncoder().encode(key);
  const imported = await crypto.subtle.importKey("raw", keyBytes, { name: "HMAC", hash }, false, ["sign"]);
  return Buffer.from(await crypto.subtle.sign("HMAC", imported, new Uint8Array(data)));
}

const emptyKey = "\u0000".repeat(64);

const whatsappCredentials = {
  appSecret: "app-secret-for-tests",
  verifyToken: "verify-token-for-tests",
  accessToken: "EAAaccess0token0for0tests",
};
const customCredentials = { channelSecret: "whsec_c2FtcGxlLXNlY3JldC1mb3ItdGVzdHMtMTIzNDU2Nzg=" };
const otherCustomSecret = "whsec_YW5vdGhlci1zZWNyZXQtZm9yLXRlc3RzLTEyMzQ1Njc=";

const whatsappSignature: SignatureCase = {
  name: "whatsapp",
  adapter: whatsappAdapter,
  credentials: whatsappCredentials,
  secretName: "appSecret",
  otherSecret: "another-app-secret",
  header: "x-hub-signature-256",
  async sign(body, credentials) {
    const signature = await hmac("SHA-256", credentials["appSecret"] ?? "", body);
    return { "x-hub-signature-256": `sha256=${signature.toString("hex")}` };
  },
  async signWithoutSecret(body) {
    return { "x-hub-signature-256": `sha256=${(await hmac("SHA-256", emptyKey, body)).toString("hex")}` };
  },
  async signOtherwise(body, credentials) {
    const key = credentials["appSecret"] ?? "";
    const sha1 = (await hmac("SHA-1", key, body)).toString("hex");
    const sha512 = (await hmac("SHA-512", key, body)).toString("hex");
    const sha256 = await hmac("SHA-256", key, body);
    const hex = sha256.toString("hex");
    const values = [`sha1=${sha1}`, `sha256=${sha1}`, `sha512=${sha512}`, `sha256=${sha512}`, hex];
    const spellings = [`sha256=${sha256.toString("base64")}`, `sha256=${hex.toUpperCase()}`, `SHA256=${hex}`];
    return [...values, ...spellings]
      .map((value): Headers => ({ "x-hub-signature-256": value }))
      .concat([{ "x-hub-signature": `sha1=${sha1}` }]);
  },
};

const simpleSignature: SignatureCase = {
  name: "custom with X-Woztell-Signature",
  adapter: customAdapter,
  credentials: customCredentials,
  secretName: "channelSecret",
  otherSecret: otherCustomSecret,
  header: "x-woztell-signature",
  async sign(body, credentials) {
    const signature = await hmac("SHA-256", credentials["channelSecret"] ?? "", body);
    return { "x-woztell-signature": signature.toString("base64") };
  },
  async signWithoutSecret(body) {
    return { "x-woztell-signature": (await hmac("SHA-256", emptyKey, body)).toString("base64") };
  },
  async signOtherwise(body, credentials) {
    const key = credentials["channelSecret"] ?? "";
    const sha256 = await hmac("SHA-256", key, body);
    const values = [
      (await hmac("SHA-1", key, body)).toString("base64"),
      (await hmac("SHA-512", key, body)).toString("base64"),
      (await hmac("SHA-256", key.slice("whsec_".length), body)).toString("base64"),
      sha256.toString("hex"),
      sha256.toString("base64url"),
      `sha256=${sha256.toString("base64")}`,
    ];
    return values.map((value) => ({ "x-woztell-signature": value }));
  },
};

const standardSignature: SignatureCase = {
  ...simpleSignature,
  name: "custom with Standard Webhooks",
  header: "webhook-signature",
  async sign(body, credentials) {
    const signature = new Webhook(credentials["channelSecret"] ?? "").sign("evt_1", new Date(receivedAtMs), body);
    return toStandardHeaders(signature);
  },
  async signWithoutSecret(body) {
    const content = Buffer.concat([Buffer.from(`evt_1.${receivedAtMs / 1000}.`), body]);
    return toStandardHeaders(`v1,${(await hmac("SHA-256", emptyKey, content)).toString("base64")}`);
  },
  async signOtherwise(body, credentials) {
    const secret = credentials["channelSecret"] ?? "";
    const signature = new Webhook(secret).sign("evt_1", new Date(receivedAtMs), body).slice("v1,".length);
    const bodyOnly = (await hmac("SHA-256", secret, body)).toString("base64");
    return [`v1a,${signature}`, `v2,${signature}`, signature, `v1=${signature}`, `v1,${bodyOnly}`].map(
      toStandardHeaders,
    );
  },
};

function toStandardHeaders(signature: string): Headers {
  return { "webhook-id": "evt_1", "webhook-timestamp": String(receivedAtMs / 1000), "webhook-signature": signature };
}

export const signatureCases: readonly SignatureCase[] = [whatsappSignature, simpleSignature, standardSignature];

function readSamples(folder: string): AdapterCase["samples"] {
  const url = new URL(`./${folder}/samples/`, import.meta.url);
  return readdirSync(url)
    .sort()
    .map((file) => ({ name: file, text: readFileSync(new URL(file, url), "utf8") }));
}

const number = "700100200300400";

function inMessages(value: object): unknown {
  const whole = { metadata: { phone_number_id: number }, ...value };
  return { object: "whatsapp_business_account", entry: [{ id: "1", changes: [{ field: "messages", value: whole }] }] };
}

const valuePath = "entry[0].changes[0].value";
const aMessage = { id: "m1", from: "15550101001", timestamp: "1767225600", type: "text", text: { body: "hi" } };
const anEvent = { id: "e1", type: "text", from: { id: "u1" }, text: "hi" };

export const adapterCases: readonly AdapterCase[] = [
  {
    adapter: whatsappAdapter,
    settings: { phoneNumberId: number, wabaId: "800100200300400" },
    credentials: whatsappCredentials,
    apiUrl: "https://graph.example/v23.0",
    externalId: "15550101001",
    samples: readSamples("whatsapp"),
    malformed: [
      { name: "null", body: null, path: "body" },
      { name: "another object", body: { object: "page", entry: [] }, path: "object" },
      { name: "no entries", body: { object: "whatsapp_business_account" }, path: "entry" },
      { name: "no number", body: inMessages({ metadata: {} }), path: `${valuePath}.metadata.phone_number_id` },
      {
        name: "no sender",
        body: inMessages({ messages: [{ ...aMessage, from: undefined }] }),
        path: `${valuePath}.messages[0].from`,
      },
      { name: "no id", body: inMessages({ messages: [{ ...aMessage, id: "" }] }), path: `${valuePath}.messages[0].id` },
      {
        name: "long id",
        body: inMessages({ messages: [{ ...aMessage, id: "x".repeat(513) }] }),
        path: `${valuePath}.messages[0].id`,
      },
      {
        name: "odd time",
        body: inMessages({ messages: [{ ...aMessage, timestamp: "soon" }] }),
        path: `${valuePath}.messages[0].timestamp`,
      },
      {
        name: "no recipient",
        body: inMessages({ statuses: [{ id: "s", status: "sent", timestamp: "1" }] }),
        path: `${valuePath}.statuses[0].recipient_id`,
      },
    ],
    accepted: JSON.stringify({ messaging_product: "whatsapp", messages: [{ id: "platform-1" }] }),
    assertRequest: assertWhatsappRequest,
  },
  {
    adapter: customAdapter,
    settings: { callbackUrl: "https://customer.example/messages" },
    credentials: customCredentials,
    apiUrl: "",
    externalId: "user-17",
    samples: readSamples("custom"),
    malformed: [
      { name: "null", body: null, path: "body" },
      { name: "no events", body: { events: [] }, path: "events" },
      { name: "too many events", body: { events: Array.from({ length: 101 }, () => anEvent) }, path: "events" },
      { name: "unknown type", body: { events: [{ ...anEvent, type: "telepathy" }] }, path: "events[0].type" },
      { name: "unknown field", body: { events: [{ ...anEvent, txt: "hi" }] }, path: "events[0]" },
      { name: "field beside events", body: { events: [anEvent], extra: 1 }, path: "body" },
      { name: "long id", body: { events: [{ ...anEvent, from: { id: "x".repeat(513) } }] }, path: "events[0].from.id" },
      {
        name: "seconds as milliseconds",
        body: { events: [{ ...anEvent, timestamp: 1_767_225_600 }] },
        path: "events[0].timestamp",
      },
      {
        name: "time without zone",
        body: { events: [{ ...anEvent, timestamp: "2026-01-01T00:00:00" }] },
        path: "events[0].timestamp",
      },
      {
        name: "script address",
        body: { events: [{ ...anEvent, type: "image", image: { url: "javascript:alert(1)" } }] },
        path: "events[0].image.url",
      },
      { name: "status of nothing", body: { id: "s", type: "status", status: "read" }, path: "reference" },
      { name: "deep data", body: { ...anEvent, data: nest(12) }, path: "data" },
      {
        name: "our own request sent back",
        body: { type: "message", id: "m", to: { id: "u" }, channelId: "c", timestamp: "t", message: {} },
        path: "type",
      },
    ],
    accepted: JSON.stringify({ id: "platform-1" }),
    assertRequest: assertCustomRequest,
  },
];

function nest(depth: number): object {
  return depth === 0 ? {} : { deeper: nest(depth - 1) };
}
