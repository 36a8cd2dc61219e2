// What the security suites know of the public chat: a web channel of every app with a bot that shows a picture, visitors who
// wrote there, and how a request of theirs looks.

import { createHmac } from "node:crypto";
import type { Response } from "light-my-request";
import type { Product } from "../../server/src/compose.ts";
import { importTree, publishTree } from "../../server/src/domains/bots/index.ts";
import { sealCredentials } from "../../server/src/domains/channels/channel.ts";
import { assignTrees, createChannel } from "../../server/src/domains/channels/index.ts";
import { saveCredentials } from "../../server/src/domains/channels/store.ts";
import { freshWebSettings, type WebSettings } from "../../server/src/domains/channels/web/settings.ts";
import { createFileDeps, keepFile } from "../../server/src/domains/files/index.ts";
import type { PeopleStage } from "../../server/src/domains/tokens/testing/people-stage.ts";
import { visitorLimitTable } from "../../server/src/domains/visitors/limits/limit-table.ts";
import { writeToken } from "../../server/src/domains/visitors/sessions/token.ts";
import type { ChannelId, Tenant, VisitorId } from "../../server/src/kernel/ids.ts";
import type { OutboundClient } from "../../server/src/platform/outbound/index.ts";

const operator = { kind: "operator", command: "test" } as const;

/** The page that shows the chat, and another one the channel lists. */
export const sampleSite = "https://shop.example";
export const otherSite = "https://second.example";
/** What a website signs with: it may come out nowhere. */
export const sampleIdentitySecret = "canary-identity-7be1f04d93-juggling-otters";
export const sampleFile = { name: "note.txt", bytes: Buffer.from("A note of the visitor.\n") } as const;

/** A PNG of one pixel. */
const picture = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg==",
  "base64",
);

const inAnHour = Math.floor(Date.now() / 1000) + 3_000;
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token in which the website of a channel vouches for somebody (RFC 7519, HS256). */
export function signIdentity(channelId: string, claims: Readonly<Record<string, unknown>> = {}): string {
  const said = { aud: channelId, sub: "customer-1", jti: "sample-identity", exp: inAnHour, ...claims };
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(said)}`;
  return `${signed}.${createHmac("sha256", sampleIdentitySecret).update(signed).digest("base64url")}`;
}

/** Limits that thousands of requests a minute do not reach, but for what a network may begin or call. */
export function setVisitorLimits({ start = 10_000_000, call = 10_000_000 } = {}): void {
  const toRules = (hard: number) => [{ by: "network", seconds: 60, hard } as const];
  const acts = ["message", "upload", "contact", "identify", "transcript"] as const;
  Object.assign(visitorLimitTable, Object.fromEntries(acts.map((act) => [act, toRules(10_000_000)])), {
    ...{ start: toRules(start), call: toRules(call) },
    streams: { perVisitor: 10_000, perNetwork: 10_000 },
  });
}

export interface WebObjects {
  readonly webChannelId: ChannelId;
  readonly fileId: string;
}

/** A web channel whose bot greets with a text and a picture, which is a file of the app. */
export async function makeWebChannel(
  { db, keychain }: PeopleStage,
  tenant: Tenant,
  outbound: OutboundClient,
): Promise<WebObjects> {
  const { database } = db;
  const files = createFileDeps({ database, keychain, outbound, scanUrl: undefined, quotas: { appBytesMax: 10 ** 8 } });
  const given = { bytes: picture, name: "picture.png", purpose: "app", owner: {} } as const;
  const { fileId } = await keepFile(files, { actor: operator, tenant }, given);
  const greeting = [
    { type: "text", text: "Welcome" },
    { type: "image", url: `file:${fileId}`, caption: "A picture" },
  ];
  const nodes = [{ compositeId: "start", name: "Start", kind: "general", responses: greeting }];
  const definition = { schema: "parley.tree/1", name: "Greeting", headNode: "start", fallbackNode: "start", nodes };
  const sealer = await keychain.sealerFor(tenant, { actor: operator, reason: "test" });
  const web: WebSettings = {
    ...freshWebSettings,
    origins: [sampleSite, otherSite],
    ...{ uploads: true, transcript: true },
    identity: { mode: "optional", publicKeysPem: [] },
  };
  return database.withTenant(operator, tenant, async (tx) => {
    const input = { kind: "web", name: "Web", settings: {}, credentials: {}, web };
    const { channelId } = await createChannel(tx, input, sealer);
    const credentials = { identitySecrets: JSON.stringify([sampleIdentitySecret]) };
    await saveCredentials(tx, channelId, sealCredentials(channelId, credentials, sealer));
    const treeId = await importTree(tx, definition);
    await publishTree(tx, treeId, "");
    await assignTrees(tx, channelId, { defaultTreeIds: [treeId] });
    return { webChannelId: channelId, fileId };
  });
}

/** A visitor of one of the world's web channels. */
export interface VisitorCaller {
  readonly name: string;
  readonly place: "a1" | "a2" | "b1";
  readonly channelId: ChannelId;
  readonly visitorId: VisitorId;
  /** The visitor's session was ended. */
  readonly hasEnded?: boolean;
}

/** What a visitor has in their conversation. */
export interface VisitorObjects {
  readonly visitorConversationId: string;
  readonly messageId: string;
  readonly visitorFileId: string;
}

/** A token of the visitor, as it is issued at this moment. */
export function issueVisitorToken(
  { pepper }: Pick<PeopleStage, "pepper">,
  { visitorId, channelId }: Pick<VisitorCaller, "visitorId" | "channelId">,
  site: string = sampleSite,
): string {
  const issuedAt = Math.floor(Date.now() / 1000);
  return writeToken(pepper, { visitorId, generation: 0, issuedAt }, { channelId, site });
}

/** Asks the public chat of a product. */
export function askChat(
  product: Pick<Product, "server">,
  channelId: string,
  asked: { path: string; token?: string | undefined; body?: object; bytes?: Buffer; site?: string },
): Promise<Response> {
  const { path, token, body, bytes, site = sampleSite } = asked;
  const payload = bytes ?? (body === undefined ? undefined : JSON.stringify(body));
  const type = bytes === undefined ? "application/json" : "application/octet-stream";
  return product.server.inject({
    method: payload === undefined ? "GET" : "POST",
    url: `/chat/v1/channels/${channelId}/${path}`,
    headers: {
      origin: site,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(payload !== undefined && { "content-type": type }),
    },
    ...(payload !== undefined && { payload }),
  });
}

async function readGood<T>(answer: Response, what: string): Promise<T> {
  if (answer.statusCode >= 300) throw new Error(`${what}: ${answer.statusCode} ${answer.body}`);
  return answer.json() as T;
}

/** Begins a conversation as somebody unknown, or as somebody the website vouches for, and waits for the bot's picture. */
export async function beginVisitor(
  product: Product,
  channelId: ChannelId,
  subject?: string,
): Promise<{ visitorId: VisitorId; objects: VisitorObjects }> {
  type Begun = { token: string; visitorId: VisitorId };
  let begun = await readGood<Begun>(await askChat(product, channelId, { path: "start", body: {} }), "start");
  if (subject !== undefined) {
    const claims = { jti: `jti-${subject}`, sub: subject, name: "Ada", email: "ada@example.org", email_verified: true };
    const body = { jwt: signIdentity(channelId, claims) };
    const identified = await askChat(product, channelId, { path: "identify", token: begun.token, body });
    begun = await readGood<Begun>(identified, "identify");
  }
  const { token, visitorId } = begun;
  const { name, bytes } = sampleFile;
  const uploaded = await askChat(product, channelId, { path: `files?name=${name}`, token, bytes });
  const { fileId } = await readGood<{ fileId: string }>(uploaded, "upload");
  const body = { clientId: "client-0001", type: "text", text: "hello" };
  await readGood(await askChat(product, channelId, { path: "messages", token, body }), "message");
  type Page = { conversationId?: string; items: { messageId: string; content: { type: string } }[] };
  for (let tries = 0; tries < 400; tries += 1) {
    const page = await readGood<Page>(await askChat(product, channelId, { path: "messages", token }), "messages");
    const shown = page.items.find(({ content }) => content.type === "image");
    const { conversationId: visitorConversationId = "" } = page;
    const objects = { visitorConversationId, messageId: shown?.messageId ?? "", visitorFileId: fileId };
    if (shown !== undefined) return { visitorId, objects };
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("the bot showed the visitor no picture");
}

/** The whole answer; of one that goes on its head and first event, after which it is given up. */
export async function readStream(answer: Response): Promise<Response> {
  const goesOn = String(answer.headers["content-type"]).startsWith("text/event-stream");
  const chunks: Buffer[] = [];
  for await (const chunk of answer.stream()) {
    chunks.push(chunk as Buffer);
    if (goesOn) break;
  }
  if (goesOn) answer.raw.res.destroy();
  const body = Buffer.concat(chunks).toString("utf8");
  return { ...answer, body, payload: body, json: () => JSON.parse(body) } as Response;
}
