// Nothing readable at rest: markers sent in as messages, names and member ids are found nowhere in the database's folder, its
// write-ahead log, the logs or the queues; and a ciphertext that was moved does not open.

import { generateKeyPairSync, sign } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createScene, type Scene } from "../../server/src/domains/conversations/testing/scene.ts";
import { toUuid } from "../../server/src/kernel/ids.ts";
import { drawBytes } from "../../server/src/platform/crypto/random.ts";
import { type ChatHouse, openChatHouse } from "../support/chat-house.ts";
import { makeDataDir } from "../support/data-dir.ts";
import { queryStored } from "../support/database.ts";
import { createFinder } from "../support/find-texts.ts";
import { type Receiver, startReceiver } from "../support/platform.ts";
import { type Demo, findPort, runCommand, startServer } from "../support/server.ts";
import { sized } from "../support/size.ts";
import { postText } from "../support/whatsapp.ts";

const count = sized(500, 60);

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name.startsWith("postgres-bin") ? [] : listFiles(path);
    return entry.isFile() && statSync(path).size > 0 ? [path] : [];
  });
}

/** Which of the markers stand anywhere in the folder. */
function findMarkers(folder: string, markers: readonly string[]): string[] {
  const find = createFinder(markers);
  const found = listFiles(folder).map((path) => find(readFileSync(path)));
  return markers.filter((marker) => found.some((some) => some.has(marker)));
}

/** Has the server run a job, and tries to put a text into one past every layer above. Returns all jobs as they are stored. */
async function tryJobs(dataDir: string, marker: string): Promise<string> {
  const enqueue = "select * from parley_enqueue_job('governance.retention', '{}', $1, null, null)";
  await queryStored(dataDir, enqueue, ["{}"]);
  await expect(queryStored(dataDir, enqueue, [JSON.stringify({ after: marker })])).rejects.toThrow("payload_holds_ids");
  const read = (): Promise<{ state: string; stored: string }[]> =>
    queryStored(dataDir, "select state, j::text as stored from pgboss.job j where name = 'governance.retention'");
  await vi.waitFor(async () => expect((await read()).map(({ state }) => state)).toEqual(["completed"]), 15_000);
  return (await read()).map(({ stored }) => stored).join("\n");
}

describe("at rest", () => {
  let dataDir: string;
  let receiver: Receiver;

  beforeAll(async () => {
    dataDir = await makeDataDir();
    receiver = await startReceiver();
  });

  afterAll(async () => {
    await receiver.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it(`SECURITY: ${count} markers in messages, names and ids are found nowhere on the disk, in the jobs or in the logs`, async () => {
    const port = await findPort();
    const settings = {
      PARLEY_DATA_DIR: dataDir,
      PARLEY_PORT: String(port),
      PARLEY_LOG_LEVEL: "debug",
      PARLEY_WHATSAPP_API_URL: receiver.url,
      PARLEY_OUTBOUND_ALLOW: receiver.host,
    };
    const server = await startServer(settings);
    const seeded = await runCommand(["demo", "seed", "--json", "--webhook-url", `${receiver.url}/hook`], settings);
    const demo: Demo = JSON.parse(seeded.stdout);
    const [app] = demo.apps;
    if (app === undefined) throw new Error("the demo has no app");
    const ids = Array.from({ length: count }, () => `9${drawBytes(7).readUIntBE(0, 6)}`.padEnd(15, "7"));
    const [texts, names] = [0, 1].map(() => ids.map(() => `marker${drawBytes(12).toString("hex")}`)) as [
      string[],
      string[],
    ];
    for (const [index, from] of ids.entries()) {
      const text = { id: `wamid.${index}`, from, text: texts[index] ?? "", name: names[index] ?? "" };
      expect(await postText(app, text)).toBe(200);
    }
    await vi.waitFor(
      () => expect(receiver.calls.filter((call) => call.path.endsWith("/messages")).length).toBe(count),
      30_000,
    );
    // The markers really went through: the bot greeted each member by name, and the receiver was told each text.
    const told = receiver.calls.map((call) => call.body).join("\n");
    expect([texts, names, ids].flat().filter((marker) => !told.includes(marker))).toEqual([]);
    const tried = await tryJobs(dataDir, texts[0] ?? "");
    expect([texts, names, ids].flat().filter((marker) => tried.includes(marker))).toEqual([]);
    expect(await server.stop()).toBe(0);
    const markers = [...texts, ...names, ...ids];
    expect(findMarkers(dataDir, markers)).toEqual([]);
    expect(markers.filter((marker) => server.output().includes(marker))).toEqual([]);
    // The search itself works: what is not encrypted, such as an app's name and a bot's text, is found.
    expect(findMarkers(dataDir, ["Demo shop", "Order status"])).toEqual(["Demo shop", "Order status"]);
    // Nor does any secret of the demo stand there in clear, but for the file that is meant to hold them.
    rmSync(join(dataDir, "demo.json"), { force: true });
    const { whatsapp, custom } = app.channels;
    const secrets = [
      app.botToken,
      whatsapp.appSecret,
      whatsapp.verifyToken,
      whatsapp.channelSecret,
      custom.channelSecret,
    ];
    expect(findMarkers(dataDir, [...secrets, app.webhook?.secret ?? "whsec_none"])).toEqual([]);
  }, 180_000);
});

/** What one visitor leaves, each a marker: what they say, how their files are called, what is in them, who they are. */
function drawLeft() {
  const draw = (): string => `marker${drawBytes(12).toString("hex")}`;
  return {
    ...{ text: draw(), caption: draw(), fileName: draw(), fileText: draw(), appFileName: draw(), appFileText: draw() },
    ...{ contactName: draw(), contactEmail: draw(), contactText: draw() },
    ...{ subject: draw(), name: draw(), email: draw(), jti: draw() },
  };
}

type Left = ReturnType<typeof drawLeft>;
const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A website's word for a visitor (RFC 7519, RFC 8037). */
function signFor(channelId: string, { subject, name, email, jti }: Left): string {
  const exp = Math.floor(Date.now() / 1000) + 600;
  const claims = { aud: channelId, sub: subject, exp, jti, name, email: `${email}@example.org`, email_verified: true };
  const signed = `${encode({ alg: "EdDSA", typ: "JWT" })}.${encode(claims)}`;
  return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString("base64url")}`;
}

/** Does everything a visitor can with the markers. Returns what the visitor reads back. */
async function leave(house: ChatHouse, channelId: string, left: Left): Promise<string> {
  const visitor = await house.visitor(channelId).start();
  const identified = await visitor.post("identify", { jwt: signFor(channelId, left) });
  expect(identified.status).toBe(200);
  visitor.take(identified);
  expect((await visitor.say(left.text)).status).toBe(202);
  const uploaded = await visitor.upload(`${left.fileName}.txt`, Buffer.from(`Read ${left.fileText}\n`));
  expect(uploaded.status).toBe(201);
  const { fileId } = uploaded.body;
  const file = { type: "file", clientId: "client-with-file", fileId, text: left.caption };
  expect((await visitor.post("messages", file)).status).toBe(202);
  const contact = { email: `${left.contactEmail}@example.org`, name: left.contactName, text: left.contactText };
  expect((await visitor.post("contact", { ...contact, clientId: "client-contact" })).status).toBe(202);
  await house.upload(`${left.appFileName}.txt`, Buffer.from(`Read ${left.appFileText}\n`));
  await vi.waitFor(async () => expect((await visitor.ask("messages")).body.items?.length).toBeGreaterThan(4), 15_000);
  expect((await visitor.post("transcript")).status).toBe(202);
  const read = await visitor.ask(`files/${fileId}`);
  return JSON.stringify((await visitor.ask("messages")).body) + read.bytes.toString() + JSON.stringify(identified.body);
}

describe("what visitors leave", () => {
  it("SECURITY: messages, file names and contents, contact forms and verified names are found nowhere on the disk or in the logs", async () => {
    const house = await openChatHouse({ PARLEY_LOG_LEVEL: "debug" });
    const { dataDir } = house;
    try {
      const publicKeysPem = [publicKey.export({ type: "spki", format: "pem" })];
      const identity = { mode: "optional", publicKeysPem };
      const channelId = await house.addChannel({ identity, uploads: true, transcript: true });
      const all = Array.from({ length: sized(40, 4) }, drawLeft);
      for (const left of all) {
        const seen = await leave(house, channelId, left);
        // They really went through: the visitor reads them again.
        const { text, caption, fileName, fileText, contactText, name } = left;
        expect([text, caption, fileName, fileText, contactText, name].filter((one) => !seen.includes(one))).toEqual([]);
      }
      expect(await house.server.stop()).toBe(0);
      // Letters to nowhere are kept as files for whoever runs the product: the one place a transcript is in clear.
      rmSync(join(dataDir, "mail"), { recursive: true, force: true });
      const markers = all.flatMap((left) => Object.values(left));
      expect(findMarkers(dataDir, markers)).toEqual([]);
      expect(markers.filter((marker) => house.server.output().includes(marker))).toEqual([]);
      expect(findMarkers(dataDir, ["Demo shop", "Order status"])).toEqual(["Demo shop", "Order status"]);
    } finally {
      await house.close();
    }
  }, 180_000);
});

describe("a moved ciphertext", () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await createScene();
  });
  afterAll(() => scene.close());

  it("SECURITY: is refused in another row, another column and another tenant", async () => {
    const [one, two] = [await scene.addApp(), await scene.addApp()];
    const actor = { kind: "system", job: "test" } as const;
    const [first, second] = await Promise.all(
      [one, two].map((app) => scene.keychain.sealerFor(app.tenant, { actor, reason: "test" })),
    );
    if (first === undefined || second === undefined) throw new Error("no sealer");
    const [row, otherRow] = [toUuid(one.channelId), toUuid(two.channelId)];
    const field = { table: "messages", column: "content", row };
    const envelope = first.seal(field, "hello");
    expect(first.open(field, envelope).toString()).toBe("hello");
    const moves = [
      () => first.open({ ...field, row: otherRow }, envelope),
      () => first.open({ ...field, column: "profile" }, envelope),
      () => first.open({ ...field, table: "members" }, envelope),
      () => second.open(field, envelope),
    ];
    for (const move of moves) expect(move).toThrow("could not be decrypted");
  });

  it("SECURITY: two messages swapped in the database are refused, and the pipeline goes on", async () => {
    const app = await scene.addApp();
    const pipeline = await scene.startPipeline();
    const say = (id: string, externalId: string): Promise<unknown> => {
      const message = {
        kind: "message",
        platformMessageId: id,
        externalId,
        sentAtMs: 1,
        type: "text",
        text: "order 5",
      } as const;
      return pipeline.accept({ tenant: app.tenant, channelId: app.channelId, events: [message], correlationId: id });
    };
    await say("s1", "eve");
    await say("s2", "mallory");
    const where = "app_id = $1";
    const own = [toUuid(app.tenant.appId)];
    await vi.waitFor(async () =>
      expect((await scene.db.asAdmin(`select 1 from receipts where ${where}`, own)).length).toBe(2),
    );
    const rows = await scene.db.asAdmin<{ conversation_id: string; state: Buffer }>(
      `select conversation_id, state from conversations where ${where} order by 1`,
      own,
    );
    const [a, b] = rows;
    for (const [target, state] of [
      [a, b?.state],
      [b, a?.state],
    ] as const) {
      await scene.db.asAdmin("update conversations set state = $2 where conversation_id = $1", [
        target?.conversation_id,
        state,
      ]);
    }
    const before = scene.platform.requests.length;
    await say("s3", "eve");
    await say("s4", "somebody new");
    await vi.waitFor(() => expect(scene.platform.requests.length).toBe(before + 1), 15_000);
    await vi.waitFor(async () => {
      const failed = await scene.db.asAdmin(`select 1 from traces where ${where} and outcome = 'recorded'`, own);
      expect(failed.length).toBe(1);
    }, 15_000);
  }, 60_000);
});
