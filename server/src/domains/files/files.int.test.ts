import { performance } from "node:perf_hooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppError, isError } from "../../kernel/errors.ts";
import { toUuid } from "../../kernel/ids.ts";
import { FileAnswer } from "../../kernel/operation.ts";
import { envelopeErrors } from "../../platform/crypto/envelope.ts";
import { drawBytes, newId } from "../../platform/crypto/random.ts";
import { fileErrors } from "./errors.ts";
import { attachFile, deleteFile, findFile, purgeFiles, readChunks } from "./find-file.ts";
import { type KeepInput, keepFile } from "./keep-file.ts";
import { sealFile } from "./seal-file.ts";
import { makePng } from "./testing/samples.ts";
import { createFileStage, type FileApp, type FileStage, operator, readAnswer } from "./testing/stage.ts";

const marker = "marker-of-a-file-0123456789";
const KiB = 1024;
/** Three chunks, with the marker in the first and the last. */
const padding = Buffer.concat([Buffer.from(marker), drawBytes(600 * KiB), Buffer.from(marker)]);
const picture = makePng(30, 20, padding);

let stage: FileStage;
let app: FileApp;
let other: FileApp;
beforeAll(async () => {
  stage = await createFileStage();
  app = await stage.addApp();
  other = await stage.addApp();
}, 60_000);
afterAll(() => stage.close());

const asApp: KeepInput = { bytes: picture, name: `${marker}.png`, purpose: "app" };

function keep(at: FileApp, input: Partial<KeepInput> = {}, deps = stage.deps()) {
  return keepFile(deps, at.place, { ...asApp, ...input });
}

function inTx<T>(at: FileApp, work: Parameters<typeof stage.db.database.withTenant<T>>[2]): Promise<T> {
  return stage.db.database.withTenant(operator, at.tenant, work);
}

async function readBytes(at: FileApp, fileId: `fil_${string}`): Promise<Buffer> {
  const deps = stage.deps();
  const file = await inTx(at, (tx) => findFile(deps, tx, fileId));
  if (file === undefined) throw new AppError(fileErrors.notFound);
  const chunks: Buffer[] = [];
  for await (const chunk of readChunks(deps, at.place, file)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const codeOf = (error: unknown): string => (error instanceof AppError ? error.code : String(error));
const fail = async (work: Promise<unknown>): Promise<string> => work.then(() => "nothing", codeOf);

describe("a kept file", () => {
  it("comes back byte for byte, in pieces of 256 KiB, with the type found in its bytes", async () => {
    const view = await keep(app);
    expect(view).toMatchObject({ name: `${marker}.png`, type: "image/png", kind: "image", width: 30, height: 20 });
    const deps = stage.deps();
    const file = await inTx(app, (tx) => findFile(deps, tx, view.fileId));
    const sizes: number[] = [];
    if (file !== undefined) for await (const chunk of readChunks(deps, app.place, file)) sizes.push(chunk.length);
    expect(sizes).toEqual([256 * KiB, 256 * KiB, picture.length - 512 * KiB]);
    expect((await readBytes(app, view.fileId)).equals(picture)).toBe(true);
  });

  it("CVE-2026-48768: is stored under an id drawn here, encrypted: no row holds its name, type or bytes", async () => {
    await keep(app);
    const rows = await stage.db.asAdmin<{ row: string }>(
      "select f::text as row from files f union all select encode(c.content, 'escape') from file_chunks c",
    );
    expect(rows.length).toBeGreaterThan(3);
    const stored = rows.map(({ row }) => row).join();
    for (const clear of [marker, Buffer.from(marker).toString("hex"), "image/png", "IHDR"]) {
      expect(stored.includes(clear)).toBe(false);
    }
  });

  const mine = "where file_id = $1";
  it.each([
    [
      "swapped",
      [
        `update file_chunks set number = number + 100 ${mine}`,
        `update file_chunks set number = case number when 100 then 1 when 101 then 0 else 2 end ${mine}`,
      ],
    ],
    ["cut", [`update file_chunks set content = substr(content, 1, length(content) - 1) ${mine}`]],
    ["altered", [`update file_chunks set content = set_byte(content, 5000, get_byte(content, 5000) # 1) ${mine}`]],
    ["left out", [`delete from file_chunks ${mine} and number = 1`]],
    [
      "those of another file",
      [
        `update file_chunks c set content = (select o.content from file_chunks o
           where o.file_id <> $1 and o.app_id = c.app_id and o.number = c.number limit 1) ${mine}`,
      ],
    ],
  ])("CVE-2026-48768: does not open with chunks that are %s", async (_what, changes) => {
    await keep(app);
    const { fileId } = await keep(app);
    expect((await readBytes(app, fileId)).length).toBe(picture.length);
    for (const sql of changes) await stage.db.asAdmin(sql, [toUuid(fileId)]);
    await expect(readBytes(app, fileId)).rejects.toSatisfy((error) => isError(error, envelopeErrors.unreadable));
  });

  it("does not open as longer or shorter than it is", async () => {
    const { fileId } = await keep(app);
    const deps = stage.deps();
    await stage.db.asAdmin("update files set bytes = 5 where file_id = $1", [toUuid(fileId)]);
    expect((await inTx(app, (tx) => findFile(deps, tx, fileId)))?.view.bytes).toBe(picture.length);
  });

  it("is sealed a chunk in each turn of the event loop, so that a large one keeps nobody waiting", async () => {
    const bytes = Buffer.alloc(10 * KiB * KiB, 7);
    const inspected = { name: "a.png", type: "image/png", kind: "image", bytes: bytes.length } as const;
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const sealed = await sealFile(stage.deps(), app.place, { fileId: newId("file"), inspected, bytes });
    isOver = true;
    expect(sealed.chunks).toHaveLength(40);
    expect(turns).toBeGreaterThanOrEqual(40);
    // One chunk at a time is what a turn costs: the best of a few, for a busy machine.
    const sealer = await stage.keychain.sealerFor(app.tenant, { actor: operator, reason: "test" });
    const times = Array.from({ length: 10 }, () => {
      const startMs = performance.now();
      sealer.seal({ table: "t", column: "c", row: "r" }, bytes.subarray(0, 256 * KiB));
      return performance.now() - startMs;
    });
    expect(Math.min(...times)).toBeLessThan(10);
  });
});

describe("tenants", () => {
  it("GHSA-99pg-hqvx-r4gf, GHSA-q67q-549q-p849: another app's file does not exist, by whatever id", async () => {
    const { fileId } = await keep(app);
    expect(await inTx(other, (tx) => findFile(stage.deps(), tx, fileId))).toBeUndefined();
    expect(await inTx(other, (tx) => deleteFile(tx, fileId))).toBe(false);
    expect(await inTx(app, (tx) => findFile(stage.deps(), tx, fileId))).toBeDefined();
    const actor = stage.toActor(other, ["file:read", "file:write", "conversation:read"]);
    for (const name of ["files.get", "files.content", "files.delete"]) {
      for (const wanted of [fileId, newId("file")]) {
        expect(await fail(stage.run(actor, name, { input: { fileId: wanted } }))).toBe("files.not_found");
      }
    }
  });

  it("a channel of another app is not a channel, and nothing is kept", async () => {
    const before = await stage.countRows("files", app.tenant.appId);
    expect(await fail(keep(app, { owner: { channelId: other.channelId } }))).toBe("files.unknown_channel");
    expect(await stage.countRows("files", app.tenant.appId)).toBe(before);
  });
});

describe("quotas", () => {
  it("of parallel uploads of a visitor as many are kept as are allowed a day, and the next day as many again", async () => {
    const here = await stage.addApp();
    const deps = stage.deps({ quotas: { visitorFilesMax: 5 } });
    const owner = { channelId: here.channelId, visitorId: newId("visitor") };
    const sends = (): Promise<string[]> =>
      Promise.all(
        Array.from({ length: 12 }, () => fail(keep(here, { bytes: makePng(), purpose: "upload", owner }, deps))),
      );
    const first = await sends();
    expect(first.filter((one) => one === "nothing")).toHaveLength(5);
    expect(first.filter((one) => one === "files.quota")).toHaveLength(7);
    expect(await stage.countRows("files", here.tenant.appId)).toBe(5);
    await stage.db.asAdmin("update file_usage set day = day - 1 where holder_id = $1", [toUuid(owner.visitorId)]);
    expect((await sends()).filter((one) => one === "nothing")).toHaveLength(5);
  });

  it("of parallel uploads to an app as many are kept as fit, and deleting makes room", async () => {
    const here = await stage.addApp();
    const bytes = makePng(1, 1, drawBytes(10 * KiB));
    const deps = stage.deps({ quotas: { appBytesMax: bytes.length * 3 + 100 } });
    const kept = await Promise.allSettled(Array.from({ length: 9 }, () => keep(here, { bytes }, deps)));
    const views = kept.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    expect(views).toHaveLength(3);
    expect(await stage.countRows("file_chunks", here.tenant.appId)).toBe(3);
    expect(await fail(keep(here, { bytes }, deps))).toBe("files.quota");
    await inTx(here, (tx) => deleteFile(tx, views[0]?.fileId ?? "fil_"));
    expect(await fail(keep(here, { bytes }, deps))).toBe("nothing");
  });

  it("a file larger than the whole quota is refused from the first", async () => {
    const here = await stage.addApp();
    const deps = stage.deps({ quotas: { visitorBytesMax: 100 } });
    const owner = { channelId: here.channelId, visitorId: newId("visitor") };
    expect(await fail(keep(here, { purpose: "upload", owner }, deps))).toBe("files.quota");
    expect(await stage.countRows("file_usage", here.tenant.appId)).toBe(0);
  });
});

describe("uploads", () => {
  it("go after a day unless a message holds them; only their own visitor can say so; the app's own files stay", async () => {
    const here = await stage.addApp();
    const { channelId } = here;
    const owner = { channelId, visitorId: newId("visitor") };
    const send = () => keep(here, { bytes: makePng(), purpose: "upload", owner });
    const [held, loose, own] = [await send(), await send(), await keep(here, { bytes: makePng() })];
    const attach = (fileId: `fil_${string}`, visitorId: `vis_${string}`) =>
      inTx(here, (tx) => attachFile(tx, fileId, { visitorId, channelId }));
    expect(await attach(held.fileId, newId("visitor"))).toBe(false);
    expect(await attach(own.fileId, owner.visitorId)).toBe(false);
    expect(await attach(held.fileId, owner.visitorId)).toBe(true);
    expect(await inTx(here, purgeFiles)).toBe(0);
    await stage.db.asAdmin("update files set expires_at = expires_at - interval '25 hours' where app_id = $1", [
      toUuid(here.tenant.appId),
    ]);
    expect(await inTx(here, purgeFiles)).toBe(1);
    const found = await Promise.all(
      [held, loose, own].map(({ fileId }) => inTx(here, (tx) => findFile(stage.deps(), tx, fileId))),
    );
    expect(found.map((file) => file !== undefined)).toEqual([true, false, true]);
    expect(await stage.countRows("file_chunks", here.tenant.appId)).toBe(2);
  });
});

describe("the operations", () => {
  const everything = ["file:read", "file:write", "conversation:read"];

  it("CVE-2026-21858: keep the bytes of the body and nothing else, as something to save", async () => {
    const actor = stage.toActor(app, everything);
    const made = await stage.run(actor, "files.create", { input: { name: "a.png" }, bytes: picture });
    expect(made).toMatchObject({ status: 201, body: { name: "a.png", type: "image/png", bytes: picture.length } });
    const { fileId } = (made as { body: { fileId: string } }).body;
    const answer = await stage.run(actor, "files.content", { input: { fileId } });
    expect((answer as FileAnswer).file).toMatchObject({
      contentType: "image/png",
      fileName: "a.png",
      etag: `"${fileId}"`,
    });
    expect((await readAnswer(answer)).equals(picture)).toBe(true);
    const shown = await stage.run(actor, "files.get", { input: { fileId } });
    expect(shown).toMatchObject({ fileId, purpose: "app", createdAt: expect.any(String) });
    const entries = await stage.db.asAdmin("select action from audit_entries where targets ->> 'fileId' = $1", [
      fileId,
    ]);
    expect(entries).toEqual([{ action: "file.created" }]);
    await stage.run(actor, "files.delete", { input: { fileId } });
    expect(await fail(stage.run(actor, "files.content", { input: { fileId } }))).toBe("files.not_found");
  });

  it("record nothing and keep nothing of a file that is refused", async () => {
    const actor = stage.toActor(app, everything);
    const before = await stage.db.asAdmin("select 1 from audit_entries");
    const given = { input: { name: "a.php.png" }, bytes: picture };
    expect(await fail(stage.run(actor, "files.create", given))).toBe("files.double_extension");
    expect(await stage.db.asAdmin("select 1 from audit_entries")).toHaveLength(before.length);
  });

  it("show what was sent in conversations to nobody who may not read these, and a limited caller its channels only", async () => {
    const here = await stage.addApp();
    const { channelId } = here;
    const visitorId = newId("visitor");
    const upload = await keep(here, { bytes: makePng(), purpose: "upload", owner: { channelId, visitorId } });
    const own = await keep(here, { bytes: makePng() });
    const list = async (scopes: string[], channelIds?: `chn_${string}`[]): Promise<string[]> => {
      const page = await stage.run(stage.toActor(here, scopes, channelIds), "files.list");
      return (page as { items: { fileId: string }[] }).items.map(({ fileId }) => fileId);
    };
    expect(await list(["file:read"])).toEqual([own.fileId]);
    expect(await list(["file:read", "conversation:admin"])).toEqual([own.fileId, upload.fileId]);
    expect(await list(everything, [channelId])).toEqual([upload.fileId]);
    expect(await list(everything, [newId("channel")])).toEqual([]);
    const get = (scopes: string[], channelIds?: `chn_${string}`[]): Promise<string> =>
      fail(stage.run(stage.toActor(here, scopes, channelIds), "files.content", { input: { fileId: upload.fileId } }));
    expect(await get(["file:read"])).toBe("files.not_found");
    expect(await get(everything, [newId("channel")])).toBe("files.not_found");
    expect(await get(everything, [channelId])).toBe("nothing");
  });

  it("list page by page, newest first", async () => {
    const here = await stage.addApp();
    const made = [];
    for (let count = 0; count < 5; count += 1) made.unshift((await keep(here, { bytes: makePng() })).fileId);
    const actor = stage.toActor(here, everything);
    const seen: string[] = [];
    for (let after: string | undefined, page = 0; page < 4; page += 1) {
      const input = { first: 2, ...(after === undefined ? {} : { after }) };
      const answer = (await stage.run(actor, "files.list", { input })) as {
        items: { fileId: string }[];
        after?: string;
      };
      seen.push(...answer.items.map(({ fileId }) => fileId));
      after = answer.after;
      if (after === undefined) break;
    }
    expect(seen).toEqual(made);
  });
});
