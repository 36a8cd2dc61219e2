// Who a visitor is, on the word of the website's server, over real HTTP: what is believed and what is not, that a known and
// an unknown visitor never become one, and that mail goes to an address the website vouches for and to no other.

import { createServer, type Server } from "node:https";
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { readConfig } from "../../server/src/config.ts";
import { openCore } from "../../server/src/core.ts";
import { openCredentials, sealCredentials } from "../../server/src/domains/channels/channel.ts";
import { findChannel, saveCredentials } from "../../server/src/domains/channels/store.ts";
import { replaceIdentitySecret } from "../../server/src/domains/channels/web/identity.ts";
import { bumpRevision } from "../../server/src/domains/organisations/index.ts";
import type { AppId, ChannelId, OrganisationId } from "../../server/src/kernel/ids.ts";
import { createLog } from "../../server/src/platform/log/log.ts";
import { getKeptMail, listKeptMail, toOutboxDir } from "../../server/src/platform/mail/index.ts";
import { type ChatAnswer, type Visitor } from "../support/chat.ts";
import { type ChatHouse, openChatHouse, tlsFiles } from "../support/chat-house.ts";
import { findPort } from "../support/server.ts";

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;

const secret = "the shop's own secret: 7f3a91c04be2 juggling otters";
const otherSecret = "another channel's secret: 19c7d2f0aa53 sleeping cats";

let house: ChatHouse;
let channelId: string;
let otherChannelId: string;
let keySet: Server;
let keySetUrl: string;
let fetched = 0;
/** In PEM at the channel, by algorithm; `published` is at the key set's address. */
let keys: Record<"RS256" | "ES256" | "EdDSA" | "published" | "foreign", Keys>;
let pems: string[];

/** As the operation for it does, which asks a person for a second factor first; that has tests of its own. */
async function putSecret(at: string, value: string): Promise<void> {
  const log = createLog({ level: "silent" });
  const core = await openCore(readConfig(house.settings), log);
  const tenant = { organisationId: house.demo.organisationId as OrganisationId, appId: house.app.appId as AppId };
  const actor = { kind: "operator", command: "test" } as const;
  try {
    const sealer = await core.keychain.sealerFor(tenant, { actor, reason: "test" });
    await core.database.withTenant(actor, tenant, async (tx) => {
      const channel = await findChannel(tx, at as ChannelId);
      if (channel === undefined) throw new Error("no such channel");
      const credentials = replaceIdentitySecret(openCredentials(channel, sealer), value, { keepsPrevious: false });
      await saveCredentials(tx, at as ChannelId, sealCredentials(at as ChannelId, credentials, sealer));
      await bumpRevision(tx);
    });
  } finally {
    await core.close();
  }
}

async function startKeySet(): Promise<void> {
  const jwk = { ...(await exportJWK(keys.published.publicKey)), kid: "published-1", use: "sig", alg: "ES256" };
  keySet = createServer({ cert: tlsFiles.cert(), key: tlsFiles.key() }, (_request, response) => {
    fetched += 1;
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ keys: [jwk] }));
  });
  const port = Number(new URL(keySetUrl).port);
  await new Promise<void>((resolve) => keySet.listen(port, "127.0.0.1", resolve));
}

beforeAll(async () => {
  const make = (algorithm: string) => generateKeyPair(algorithm, { extractable: true });
  const [RS256, ES256, EdDSA, published, foreign] = await Promise.all(
    ["RS256", "ES256", "EdDSA", "ES256", "ES256"].map(make),
  );
  keys = { RS256, ES256, EdDSA, published, foreign } as typeof keys;
  pems = await Promise.all([keys.RS256, keys.ES256, keys.EdDSA].map(({ publicKey }) => exportSPKI(publicKey)));
  const port = await findPort();
  keySetUrl = `https://localhost:${port}/keys.json`;
  await startKeySet();
  house = await openChatHouse({ PARLEY_OUTBOUND_ALLOW: `localhost:${port}`, NODE_EXTRA_CA_CERTS: tlsFiles.ca });
  [channelId, otherChannelId] = [await house.addChannel(), await house.addChannel()];
  await putSecret(channelId, secret);
  await putSecret(otherChannelId, otherSecret);
  const identity = { mode: "optional", publicKeysPem: pems, jwksUrl: keySetUrl };
  await house.setWeb(channelId, { identity, transcript: true, uploads: true });
  await house.setWeb(otherChannelId, { identity: { mode: "optional" } });
}, 120_000);

afterAll(async () => {
  expect(await house?.close()).toBe(0);
  await new Promise((resolve) => keySet.close(resolve));
}, 60_000);

let nextJti = 0;
const seconds = (): number => Math.floor(Date.now() / 1000);

interface Claims {
  readonly [name: string]: unknown;
}

function toClaims(change: Claims = {}): Claims {
  nextJti += 1;
  const usual = { aud: channelId, sub: "customer-1", name: "Mia", exp: seconds() + 300, jti: `login-${nextJti}` };
  return Object.fromEntries(Object.entries({ ...usual, ...change }).filter(([, value]) => value !== undefined));
}

type SignKey = Parameters<SignJWT["sign"]>[0];

function sign(
  claims: Claims,
  key: SignKey = Buffer.from(secret),
  header: { alg: string; kid?: string } = { alg: "HS256" },
) {
  return new SignJWT(claims).setProtectedHeader(header).sign(key);
}

const begin = (at = channelId): Promise<Visitor> => house.visitor(at).start();
const identify = (visitor: Visitor, jwt: string): Promise<ChatAnswer> => visitor.post("identify", { jwt });
const toOutcome = ({ status, body }: ChatAnswer): [number, string | undefined] => [status, body.code];

/** A visitor whom the website vouches for. */
async function beginAs(claims: Claims): Promise<Visitor> {
  const visitor = await begin();
  const answer = await identify(visitor, await sign(toClaims(claims)));
  expect(answer.status).toBe(200);
  visitor.take(answer);
  return visitor;
}

async function speak(visitor: Visitor, number: number): Promise<void> {
  const stream = await visitor.openStream();
  expect((await visitor.say(`order ${number}`)).status).toBe(202);
  await stream.findMessage(`Order ${number} received`);
  stream.close();
}

const readTexts = async (visitor: Visitor): Promise<(string | undefined)[]> =>
  ((await visitor.ask("messages")).body.items ?? []).map(({ content }) => content.text);

describe("a token of the website", () => {
  it.each(["HS256", "RS256", "ES256", "EdDSA"] as const)(
    "signed with %s by a key of the channel is believed",
    async (alg) => {
      const visitor = await begin();
      const key = alg === "HS256" ? Buffer.from(secret) : keys[alg].privateKey;
      const answer = await identify(visitor, await sign(toClaims(), key, { alg }));
      expect([answer.status, answer.body.code]).toEqual([200, undefined]);
      expect(answer.body).toMatchObject({ isVerified: true, name: "Mia" });
      expect(answer.body.visitorId).not.toBe(visitor.visitorId);
      visitor.take(answer);
      expect((await visitor.ask("messages")).status).toBe(200);
    },
  );

  it("signed with a key that the website publishes is believed; the keys are fetched once for many", async () => {
    for (let index = 0; index < 3; index += 1) {
      const jwt = await sign(toClaims(), keys.published.privateKey, { alg: "ES256", kid: "published-1" });
      expect((await identify(await begin(), jwt)).status).toBe(200);
    }
    expect(fetched).toBe(1);
  });

  it.each<[string, () => Promise<string> | string, string?]>([
    ["unsigned (alg none)", () => new UnsecuredJWT(toClaims() as Record<string, string>).encode()],
    ["its signature cut off", async () => (await sign(toClaims())).replace(/[^.]+$/, "")],
    ["changed after it was signed", async () => tamper(await sign(toClaims()), { sub: "customer-2" })],
    ["expired", () => sign(toClaims({ exp: seconds() - 1 })), "visitors.identity_expired"],
    ["valid for a day", () => sign(toClaims({ exp: seconds() + 86_400 }))],
    ["without an expiry", () => sign(toClaims({ exp: undefined }))],
    ["not valid yet", () => sign(toClaims({ nbf: seconds() + 300 }))],
    ["issued in the future", () => sign(toClaims({ iat: seconds() + 300 }))],
    ["for another audience", () => sign(toClaims({ aud: "https://shop.example" }))],
    ["for another channel", () => sign(toClaims({ aud: otherChannelId }))],
    ["without an audience", () => sign(toClaims({ aud: undefined }))],
    ["without an id of its own", () => sign(toClaims({ jti: undefined }))],
    ["about nobody", () => sign(toClaims({ sub: undefined }))],
    ["with a nonce nobody gave", () => sign(toClaims({ nonce: "made-up" }))],
    ["with another channel's secret", () => sign(toClaims(), Buffer.from(otherSecret))],
    ["with a key of nobody here", () => sign(toClaims(), keys.foreign.privateKey, { alg: "ES256" })],
    ["with a public key as the secret (key confusion)", () => sign(toClaims(), Buffer.from(pems[1] ?? ""))],
    ["with HS512 of the right secret", () => sign(toClaims(), Buffer.from(secret), { alg: "HS512" })],
    [
      "with a key it brings along",
      async () => {
        const jwk = await exportJWK(keys.foreign.publicKey);
        return new SignJWT(toClaims()).setProtectedHeader({ alg: "ES256", jwk }).sign(keys.foreign.privateKey);
      },
    ],
    [
      "with a key at an address it names",
      () => {
        const header = { alg: "ES256", jku: keySetUrl, kid: "published-1" };
        return new SignJWT(toClaims()).setProtectedHeader(header).sign(keys.foreign.privateKey);
      },
    ],
    ["no token at all", () => "a.b.c"],
  ])("SECURITY: %s is refused", async (_name, make, code = "visitors.identity_refused") => {
    const visitor = await begin();
    expect(toOutcome(await identify(visitor, await make()))).toEqual([403, code]);
    // Whoever was refused goes on as who they were.
    expect((await visitor.ask("messages")).status).toBe(200);
  });

  it("SECURITY: counts once, also at the same time; good where it was made for and nowhere else", async () => {
    const jwt = await sign(toClaims());
    expect(toOutcome(await identify(await begin(otherChannelId), jwt))).toEqual([403, "visitors.identity_refused"]);
    const visitors = await Promise.all(Array.from({ length: 4 }, () => begin()));
    const answers = await Promise.all(visitors.map((visitor) => identify(visitor, jwt)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 403, 403, 403]);
  });

  it("SECURITY: that names a nonce is good for the visitor who was given it, and for nobody else", async () => {
    const [visitor, thief] = [await begin(), await begin()];
    const jwt = await sign(toClaims({ nonce: visitor.nonce }));
    expect(visitor.nonce).not.toBe(thief.nonce);
    expect(toOutcome(await identify(thief, jwt))).toEqual([403, "visitors.identity_refused"]);
    expect((await identify(visitor, jwt)).status).toBe(200);
    expect(toOutcome(await identify(visitor, jwt))).toEqual([403, "visitors.identity_refused"]);
  });

  it("SECURITY: is refused where the channel takes no identities, and without a visitor's token", async () => {
    const plain = await house.addChannel();
    const jwt = await sign(toClaims({ aud: plain }));
    expect(toOutcome(await identify(await begin(plain), jwt))).toEqual([403, "visitors.identity_refused"]);
    expect((await identify(house.visitor(channelId), await sign(toClaims()))).status).toBe(401);
  });

  it("SECURITY: what it says of a person is not in the log", async () => {
    await identify(await begin(), await sign(toClaims({ sub: "canary-subject", aud: "x", name: "Canary Name" })));
    expect(house.server.output()).toContain("a visitor's identity was refused");
    expect(house.server.output()).not.toMatch(/canary/i);
  });
});

describe("a known and an unknown visitor", () => {
  it("SECURITY: never become one: what the unknown one said stays theirs, and their session ends", async () => {
    const visitor = await begin();
    await speak(visitor, 11);
    const anonymous = await visitor.ask("messages");
    const stream = await visitor.openStream();
    await stream.find(({ event }) => event === "ready");
    const before = visitor.token;
    visitor.take(await identify(visitor, await sign(toClaims({ sub: "never-merged" }))));
    expect((await visitor.ask("messages")).body).toMatchObject({ items: [], hasMore: false });
    await stream.find(({ event, data }) => event === "end" && data.reason === "session_ended", 1_500);
    await speak(visitor, 12);
    const verified = await visitor.ask("messages");
    expect(verified.body.conversationId).not.toBe(anonymous.body.conversationId);
    expect(await readTexts(visitor)).toEqual(["order 12", "Order 12 received"]);
    const path = `messages?conversationId=${anonymous.body.conversationId}`;
    expect(toOutcome(await visitor.ask(path))).toEqual([404, "visitors.conversation_not_found"]);
    visitor.token = before;
    expect(toOutcome(await visitor.ask("messages"))).toEqual([401, "visitors.session_ended"]);
    const list = await house.api("GET", `/api/v1/conversations?channelId=${channelId}`);
    const items = list.body.items as unknown as { conversationId: string; isVerified: boolean }[];
    const marks = new Map(items.map((item) => [item.conversationId, item.isVerified]));
    expect(marks.get(anonymous.body.conversationId ?? "")).toBe(false);
    expect(marks.get(verified.body.conversationId ?? "")).toBe(true);
  });

  it("SECURITY: a person who is called like an unknown visitor is not that visitor", async () => {
    const visitor = await begin();
    await speak(visitor, 13);
    const hex = visitor.visitorId.slice(4);
    for (const sub of [hex, `anonymous:${hex}`, visitor.visitorId, `verified:${hex}`]) {
      expect(await readTexts(await beginAs({ sub }))).toEqual([]);
    }
  });

  it("one person on two devices has one conversation, live on both", async () => {
    const [phone, desk] = [await beginAs({ sub: "two-devices" }), await beginAs({ sub: "two-devices" })];
    expect(phone.visitorId).not.toBe(desk.visitorId);
    const [onPhone, onDesk] = [await phone.openStream(), await desk.openStream()];
    await phone.say("order 21");
    await Promise.all([onPhone, onDesk].map((stream) => stream.findMessage("Order 21 received")));
    await desk.say("order 22");
    await Promise.all([onPhone, onDesk].map((stream) => stream.findMessage("Order 22 received")));
    const sorted = ["order 21", "Order 21 received", "order 22", "Order 22 received"];
    expect(await readTexts(phone)).toEqual(sorted);
    expect(await readTexts(desk)).toEqual(sorted);
    // The end of one is not the end of the other.
    await phone.post("end");
    expect((await desk.ask("messages")).status).toBe(200);
    expect(await readTexts(await beginAs({ sub: "somebody-else" }))).toEqual([]);
  });

  it("SECURITY: GHSA-jh8h-6c9q-7gmw: where the website must say who it is, nobody else is heard", async () => {
    const at = await house.addChannel();
    await house.setWeb(at, { identity: { mode: "required", publicKeysPem: pems }, uploads: true });
    const visitor = await begin(at);
    expect(toOutcome(await visitor.say("order 1"))).toEqual([403, "visitors.identity_required"]);
    expect(toOutcome(await visitor.upload("a.txt", Buffer.from("hello")))).toEqual([403, "visitors.identity_required"]);
    const jwt = await sign(toClaims({ aud: at }), keys.ES256.privateKey, { alg: "ES256" });
    visitor.take(await identify(visitor, jwt));
    expect((await visitor.say("order 1")).status).toBe(202);
  });
});

describe("a transcript", () => {
  const listMail = () => listKeptMail(toOutboxDir(house.dataDir), 100);

  it("SECURITY: goes to the address the website vouches for, and to nobody else's", async () => {
    const known = await beginAs({ sub: "writer", email: "writer@example.org", email_verified: true });
    await speak(known, 31);
    expect((await known.post("transcript")).status).toBe(202);
    const unknown = await begin();
    await speak(unknown, 32);
    expect(toOutcome(await unknown.post("transcript"))).toEqual([403, "visitors.transcript_refused"]);
    const unproven = await beginAs({ sub: "unproven", email: "unproven@example.org" });
    await speak(unproven, 33);
    expect(toOutcome(await unproven.post("transcript"))).toEqual([403, "visitors.transcript_refused"]);
    expect((await known.post("transcript", { email: "thief@example.org" })).status).toBe(400);
    await vi.waitFor(async () => expect((await listMail()).map(({ to }) => to)).toContain("writer@example.org"), {
      ...{ timeout: 15_000, interval: 100 },
    });
    const mails = await listMail();
    expect(new Set(mails.map(({ to }) => to))).toEqual(new Set(["writer@example.org"]));
    const { text } = await getKeptMail(toOutboxDir(house.dataDir), mails[0]?.id ?? "");
    expect(text).toContain("Order 31 received");
    expect(text).not.toMatch(/Order 3[23]/);
  }, 60_000);

  it("is not sent where the channel sends none", async () => {
    const at = await house.addChannel();
    const visitor = await begin(at);
    expect(toOutcome(await visitor.post("transcript"))).toEqual([403, "visitors.transcripts_off"]);
  });
});

/** The token with another claim, and the signature it had. */
function tamper(jwt: string, change: Claims): string {
  const [head, body, signature] = jwt.split(".");
  const claims = { ...JSON.parse(Buffer.from(body ?? "", "base64url").toString()), ...change };
  return [head, Buffer.from(JSON.stringify(claims)).toString("base64url"), signature].join(".");
}
