// What works once works once, however many use it at the same moment: every purpose of the one table of secrets, and codes,
// challenges and keys besides. A purpose without a case here fails.

import { createHash, createHmac } from "node:crypto";
import type { Response } from "light-my-request";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { forgeryHeader, issueForgeryToken } from "../../server/src/api/index.ts";
import { createRecoveryCodes, toRecoveryCodeHash } from "../../server/src/domains/identity/factors/recovery-codes.ts";
import { SoftwareAuthenticator } from "../../server/src/domains/identity/factors/testing/software-authenticator.ts";
import { acceptTotpStep, useRecoveryCode } from "../../server/src/domains/identity/proofs/factor-store.ts";
import { issueSetupCode } from "../../server/src/domains/organisations/index.ts";
import {
  drawSecret,
  keepSecret,
  type SecretPurpose,
  secretSeconds,
  useSecret,
} from "../../server/src/domains/secrets/index.ts";
import { createPeopleStage } from "../../server/src/domains/tokens/testing/people-stage.ts";
import { type ChannelId, toUuid, type UserId, type VisitorId } from "../../server/src/kernel/ids.ts";
import type { Operation } from "../../server/src/kernel/operation.ts";
import { drawBytes, newId } from "../../server/src/platform/crypto/random.ts";
import { issueVisitorToken, sampleSite, signIdentity } from "../support/chat-world.ts";
import { readLinkToken } from "../support/letters.ts";
import { samples } from "../support/samples.ts";
import { composeFor, createWorld, type World } from "../support/security-world.ts";
import { sized } from "../support/size.ts";
import { toUrl } from "../support/world-requests.ts";

const atOnce = 50;
/** Where each use costs the judging and hashing of a password. */
const slowAtOnce = sized(50, 8);
const password = "seven wooden otters juggle 42 lanterns";
const system = { kind: "system", job: "test" } as const;
const place = { rpId: "parley.example", origin: "https://parley.example" };
const purposes = Object.keys(secretSeconds) as SecretPurpose[];

let world: World;
let count = 0;

beforeAll(async () => {
  world = await createWorld();
  world.database.isUndone = false;
}, 120_000);

afterAll(async () => {
  process.stdout.write(`single-use: ${count} uses\n`);
  await world?.close();
});

/** Does the same thing many times at once; how often it succeeded. */
async function race(attempt: (index: number) => Promise<boolean>, uses = atOnce): Promise<number> {
  count += uses;
  const results = await Promise.all(Array.from({ length: uses }, (_, index) => attempt(index)));
  return results.filter(Boolean).length;
}

function getOperation(name: string): Operation {
  const operation = world.product.operations.find((one) => one.name === name);
  if (operation === undefined) throw new Error(`there is no operation ${name}`);
  return operation;
}

interface Posted {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Calls an operation as an owner with a fresh second factor; a public one as nobody. */
async function post(
  name: string,
  body: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<Posted> {
  const operation = getOperation(name);
  const credential = operation.scope === "public" ? "none" : "fresh";
  const asked = { caller: world.getCaller("owner"), credential, place: "own" } as const;
  const answer = await world.send({
    method: operation.method as "POST",
    url: operation.path,
    headers: { ...world.toHeaders(operation, asked), ...headers, "content-type": "application/json" },
    payload: JSON.stringify(body),
  });
  return { status: answer.statusCode, body: answer.body === "" ? {} : answer.json() };
}

const isDone = ({ status }: Posted): boolean => status >= 200 && status < 300;
const racing = (name: string, body: Record<string, unknown>, uses = atOnce) =>
  race(async () => isDone(await post(name, body)), uses);

let people = 0;

async function addPerson(): Promise<{ userId: UserId; email: string }> {
  people += 1;
  const email = `once-${people}@example.org`;
  const userId = await world.stage.addUser(email);
  await world.stage.grant(world.places.a1.tenant.organisationId, userId, { role: "support" });
  return { userId, email };
}

async function keep(purpose: SecretPurpose, userId: UserId | undefined, payload?: string): Promise<string> {
  const secret = drawSecret();
  const sealer = await world.stage.installation.sealer();
  await keepSecret(world.stage.db.database, secret, { purpose, sealer, userId, payload });
  return secret.reveal();
}

async function addTotp(userId: UserId): Promise<Buffer> {
  const secret = drawBytes(20);
  const field = { table: "totp_factors", column: "secret", row: toUuid(userId) };
  const sealed = (await world.stage.installation.sealer()).seal(field, secret);
  await world.stage.db.asAdmin("insert into totp_factors (user_id, secret, confirmed_at) values ($1, $2, now())", [
    toUuid(userId),
    sealed,
  ]);
  return secret;
}

/** RFC 6238 with SHA-1, 30 seconds and six digits. */
function toTotpCode(secret: Buffer): string {
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac("sha1", secret).update(step).digest();
  const at = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** A passkey of somebody: adding it gives them another session, so not the owner's. */
async function addPasskey(): Promise<{ authenticator: SoftwareAuthenticator; userHandle: string }> {
  const { userId } = await addPerson();
  const { token, sessionId } = await world.stage.signIn(userId, true);
  const headers = {
    cookie: `__Host-parley=${token}`,
    [forgeryHeader]: issueForgeryToken(world.stage.pepper, sessionId),
  };
  const authenticator = new SoftwareAuthenticator(place);
  const { body } = await post("passkeys.options", {}, headers);
  const { challenge } = body["options"] as { challenge: string };
  const passkey = authenticator.register({ challenge });
  expect(await post("passkeys.add", { name: "Key", passkey }, headers)).toMatchObject({ status: 201 });
  return { authenticator, userHandle: Buffer.from(toUuid(userId), "hex").toString("base64url") };
}

/** What uses a secret of each purpose up, through the product where a flow does. */
const flows: Record<SecretPurpose, () => Promise<number>> = {
  async setup() {
    const stage = await createPeopleStage();
    const code = await issueSetupCode(stage.db.database, await stage.installation.sealer());
    const { product, close } = await composeFor(stage);
    const body = { code, organisationName: "First", appName: "App", name: "Ada", email: "ada@example.org", password };
    const successes = await race(async () => {
      const answer = await product.server.inject({ method: "POST", url: "/api/v1/set-up", payload: body });
      return answer.statusCode === 201;
    }, slowAtOnce);
    const rows = await stage.db.asAdmin("select 1 from organisations");
    await close();
    await stage.close();
    expect(rows).toHaveLength(1);
    return successes;
  },
  async reset() {
    const { userId } = await addPerson();
    return racing("passwordReset.complete", { token: await keep("reset", userId), password }, slowAtOnce);
  },
  async invitation() {
    const email = "invited-once@example.org";
    const { appId } = world.places.a1.tenant;
    const invited = await post("invitations.create", { email, grants: [{ role: "support", appId }] });
    expect(invited.status).toBe(201);
    const token = await readLinkToken(world.stage, email);
    return racing("invitations.accept", { token, name: "Ada", password }, slowAtOnce);
  },
  async sign_in() {
    const { userId } = await addPerson();
    const secret = await addTotp(userId);
    const ticket = await keep("sign_in", userId, "password");
    return racing("signIn.factor", { ticket, method: "totp", code: toTotpCode(secret) });
  },
  async challenge() {
    const { authenticator, userHandle } = await addPasskey();
    const { body } = await post("signIn.passkeyOptions", {});
    const { challenge } = body["options"] as { challenge: string };
    return racing("signIn.passkey", { passkey: authenticator.signIn({ challenge }, { userHandle }) });
  },
  async email() {
    const { userId } = await addPerson();
    return racing("account.confirmEmail", { token: await keep("email", userId, "moved@example.org") });
  },
  // No flow gives these out: the table itself is asked.
  transfer: () => raceForSecret("transfer"),
  undo: () => raceForSecret("undo"),
};

async function raceForSecret(purpose: SecretPurpose): Promise<number> {
  const { userId } = await addPerson();
  const secret = await keep(purpose, userId);
  const sealer = await world.stage.installation.sealer();
  return race(async () => (await useSecret(world.database, { secret, purpose, sealer })) !== undefined);
}

describe("a secret that works once", () => {
  it("has a case for every purpose", () => {
    expect(Object.keys(flows).toSorted()).toEqual(purposes.toSorted());
  });

  it.each(purposes)(`SECURITY: is given to exactly one of ${atOnce} parallel uses: %s`, async (purpose) => {
    expect(await raceForSecret(purpose)).toBe(1);
  });

  it.each(purposes)(
    `SECURITY: lets exactly one of many parallel requests through its flow: %s`,
    async (purpose) => {
      expect(await flows[purpose]()).toBe(1);
    },
    60_000,
  );

  it.each(purposes)("SECURITY: is neither used nor used up under another purpose: %s", async (purpose) => {
    const { userId } = await addPerson();
    const secret = await keep(purpose, userId);
    const sealer = await world.stage.installation.sealer();
    for (const other of purposes.filter((one) => one !== purpose)) {
      expect(await useSecret(world.database, { secret, purpose: other, sealer })).toBeUndefined();
    }
    expect(await useSecret(world.database, { secret, purpose, sealer })).toMatchObject({ userId });
  });
});

describe("a code that works once", () => {
  it(`SECURITY: of an authenticator app is accepted for one of ${atOnce} at the same moment`, async () => {
    const { userId } = await addPerson();
    await addTotp(userId);
    const [row] = await world.stage.db.asAdmin<{ secret: Buffer }>(
      "select secret from totp_factors where user_id = $1",
      [toUuid(userId)],
    );
    const sealed = row?.secret ?? Buffer.alloc(0);
    const step = Math.floor(Date.now() / 30_000);
    const accept = (which: number) =>
      race(() => world.database.withUser(system, userId, (tx) => acceptTotpStep(tx, which, sealed)));
    expect(await accept(step)).toBe(1);
    // Nor does one of an earlier time work any more.
    expect(await accept(step - 1)).toBe(0);
  });

  it(`SECURITY: of an authenticator app finishes one of ${atOnce} sign-ins, each with a ticket of its own`, async () => {
    const { userId } = await addPerson();
    const code = toTotpCode(await addTotp(userId));
    const tickets = await Promise.all(Array.from({ length: atOnce }, () => keep("sign_in", userId, "password")));
    const body = (index: number) => ({ ticket: tickets[index] ?? "", method: "totp", code });
    expect(await race(async (index) => isDone(await post("signIn.factor", body(index))))).toBe(1);
  }, 60_000);

  it(`SECURITY: for recovery is accepted for one of ${atOnce} at the same moment, and finishes one sign-in`, async () => {
    const { userId } = await addPerson();
    await addTotp(userId);
    const codes = createRecoveryCodes().reveal();
    const hashes = codes.map((code) => toRecoveryCodeHash(code, userId, world.stage.pepper));
    for (const hash of hashes) {
      await world.stage.db.asAdmin("insert into recovery_codes (user_id, hash) values ($1, $2)", [
        toUuid(userId),
        hash,
      ]);
    }
    const hash = hashes[0] ?? Buffer.alloc(0);
    expect(await race(() => world.database.withUser(system, userId, (tx) => useRecoveryCode(tx, hash)))).toBe(1);
    const tickets = await Promise.all(Array.from({ length: atOnce }, () => keep("sign_in", userId, "password")));
    const body = (index: number) => ({ ticket: tickets[index] ?? "", method: "recovery_code", code: codes[1] ?? "" });
    expect(await race(async (index) => isDone(await post("signIn.factor", body(index))))).toBe(1);
  }, 60_000);
});

describe("a request that is made once", () => {
  it(`SECURITY: with an Idempotency-Key is carried out for one of ${atOnce} at the same moment`, async () => {
    const body = samples["trees.import"]?.request(world.places.a1.objects).body ?? {};
    const count = async (): Promise<number> => (await world.stage.db.asAdmin("select 1 from trees")).length;
    const before = await count();
    const answers: Posted[] = [];
    await race(async () => {
      const answer = await post("trees.import", body, { "idempotency-key": "one and only".replaceAll(" ", "-") });
      answers.push(answer);
      return isDone(answer);
    });
    expect((await count()) - before).toBe(1);
    const ids = answers.filter(isDone).map((answer) => answer.body["treeId"]);
    expect(new Set(ids).size).toBe(1);
    expect(answers.filter((answer) => !isDone(answer)).every((answer) => answer.status === 409)).toBe(true);
  });

  it(`SECURITY: accepts ownership for one of ${atOnce} at the same moment`, async () => {
    const owner = world.getCaller("owner");
    const heir = world.getCaller("admin");
    const offered = await world.send({
      method: "PUT",
      url: "/api/v1/organisation/ownership-offer",
      headers: {
        ...world.toHeaders(getOperation("ownership.offer"), { caller: owner, credential: "fresh", place: "own" }),
        "content-type": "application/json",
      },
      payload: JSON.stringify({ userId: heir.userId }),
    });
    expect(offered.statusCode).toBe(200);
    const accept = getOperation("ownership.accept");
    const headers = world.toHeaders(accept, { caller: heir, credential: "fresh", place: "own" });
    const successes = await race(async () => {
      const answer = await world.send({ method: "POST", url: accept.path, headers });
      return answer.statusCode < 300;
    });
    expect(successes).toBe(1);
  }, 60_000);
});

/** A request of the public chat of the first app, by somebody and from somewhere. */
function askInChat(
  name: string,
  visitorId: VisitorId,
  { body, remoteAddress }: { body: object; remoteAddress?: string },
): Promise<Response> {
  const { webChannelId } = world.places.a1.objects;
  const channelId = webChannelId as ChannelId;
  const operation = getOperation(name);
  return world.send({
    method: operation.method as "POST",
    url: toUrl(operation, { params: { channelId } }),
    headers: {
      origin: sampleSite,
      authorization: `Bearer ${issueVisitorToken(world.stage, { visitorId, channelId })}`,
    },
    payload: body,
    ...(remoteAddress !== undefined && { remoteAddress }),
  });
}

/** Searches for a text that solves a challenge, as a browser does. */
function solve({ challenge, difficulty }: { challenge: string; difficulty: number }): string {
  for (let tried = 0; ; tried += 1) {
    const hash = createHash("sha256").update(`${challenge}.${tried}`).digest();
    if (hash.readUInt32BE(0) >>> (32 - difficulty) === 0) return String(tried);
  }
}

describe("what a visitor uses once", () => {
  it(`SECURITY: a token is exchanged by one of ${atOnce} who each ask for themselves, and then nobody's is good`, async () => {
    const { visitorId } = world.getVisitor("visitor");
    const answers: Response[] = [];
    const successes = await race(async (index) => {
      const body = { rotationId: `rotation-${index}`.padEnd(22, "x") };
      const answer = await askInChat("chat.rotateToken", visitorId, { body });
      answers.push(answer);
      return answer.statusCode === 200;
    });
    expect(successes).toBe(1);
    const refused = answers.filter(({ statusCode }) => statusCode !== 200).map((answer) => answer.json().code);
    expect(new Set(refused)).toEqual(new Set(["visitors.token_reused"]));
    const operation = getOperation("chat.listMessages");
    const { token } = (answers.find(({ statusCode }) => statusCode === 200) as Response).json();
    const url = toUrl(operation, { params: { channelId: world.places.a1.objects.webChannelId } });
    const headers = { origin: sampleSite, authorization: `Bearer ${token}` };
    const after = await world.send({ method: "GET", url, headers });
    expect([after.statusCode, after.json().code]).toEqual([401, "visitors.token_reused"]);
    const entries = await world.stage.db.asAdmin("select 1 from audit_entries where action = 'visitor.token_reused'");
    expect(entries).toHaveLength(1);
  });

  it(`SECURITY: a token is exchanged for one and the same by ${atOnce} who lost the same answer, and the session lives`, async () => {
    const { visitorId } = world.getVisitor("neighbour");
    const body = { rotationId: "one-and-the-same-lost-answer" };
    const isExchanged = async (): Promise<boolean> =>
      (await askInChat("chat.rotateToken", visitorId, { body })).statusCode === 200;
    expect(await race(isExchanged)).toBe(atOnce);
    const [row] = await world.stage.db.asAdmin<{ generation: number; end_reason: string | null }>(
      "select generation, end_reason from visitors where visitor_id = $1",
      [toUuid(visitorId)],
    );
    expect(row).toEqual({ generation: 1, end_reason: null });
  });

  it(`SECURITY: a website's word for a visitor is taken from one of ${atOnce} who bring it`, async () => {
    const jwt = signIdentity(world.places.a1.objects.webChannelId, { jti: "brought-by-many", sub: "customer-50" });
    const answers: Response[] = [];
    const successes = await race(async () => {
      const answer = await askInChat("chat.identify", newId("visitor"), { body: { jwt } });
      answers.push(answer);
      return answer.statusCode === 200;
    });
    expect(successes).toBe(1);
    const codes = answers.filter(({ statusCode }) => statusCode !== 200).map((answer) => answer.json().code);
    expect(new Set(codes)).toEqual(new Set(["visitors.identity_refused"]));
  });

  it(`SECURITY: a solved challenge begins the chat of one of ${atOnce} who bring it`, async () => {
    const { tenant, objects } = world.places.a1;
    const always = `update channels set web = jsonb_set(web, '{proofOfWork}', '"always"') where channel_id = $1`;
    await world.stage.db.asAdmin(always, [toUuid(objects.webChannelId as ChannelId)]);
    await world.hearOf(tenant);
    const remoteAddress = "203.0.113.9";
    const start = (body: object, from = remoteAddress): Promise<Response> =>
      askInChat("chat.start", newId("visitor"), { body, remoteAddress: from });
    const asked = await start({});
    expect([asked.statusCode, asked.json().code]).toEqual([429, "visitors.proof_required"]);
    const { challenge, difficulty } = asked.json().proof as { challenge: string; difficulty: number };
    const proof = { challenge, solution: solve({ challenge, difficulty }) };
    // In another network it is worth nothing, and is not used up.
    expect((await start({ proof }, "198.51.100.9")).statusCode).toBe(429);
    expect(await race(async () => (await start({ proof })).statusCode === 200)).toBe(1);
  });
});
