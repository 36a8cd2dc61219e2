import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keepFile } from "../domains/files/index.ts";
import { makePng } from "../domains/files/testing/samples.ts";
import { createFileStage, type FileApp, type FileStage } from "../domains/files/testing/stage.ts";
import type { FileId } from "../kernel/ids.ts";
import { drawBytes, newId } from "../platform/crypto/random.ts";
import { createFindAvatar } from "./find-avatar.ts";
import { toSampleChannel } from "./testing/sample-channel.ts";

const picture = makePng(30, 20, Buffer.alloc(0));
let stage: FileStage;
let app: FileApp;
let other: FileApp;
let nowMs = 0;

beforeAll(async () => {
  stage = await createFileStage();
  app = await stage.addApp();
  other = await stage.addApp();
}, 60_000);
afterAll(() => stage.close());

const keep = async (bytes = picture): Promise<FileId> =>
  (await keepFile(stage.deps(), app.place, { bytes, name: "a.png", purpose: "app" })).fileId;

function find(fileId: FileId, at: FileApp = app) {
  const channel = toSampleChannel({}, { tenant: at.tenant, channelId: newId("channel") });
  return createFindAvatar({ ...stage.deps(), clock: { nowMs: () => nowMs } })(channel, fileId);
}

describe("the picture of a channel", () => {
  it("is a file of the app, as it was kept", async () => {
    const avatar = await find(await keep());
    expect(avatar?.contentType).toBe("image/png");
    expect(avatar?.body.equals(picture)).toBe(true);
  });

  it("CVE-2026-41949: is no other app's file, none of a conversation's, and none that is not there", async () => {
    const fileId = await keep();
    expect(await find(fileId, other)).toBeUndefined();
    expect(await find(newId("file"))).toBeUndefined();
    const owner = { visitorId: newId("visitor"), channelId: app.channelId };
    const upload = { bytes: picture, name: "a.png", purpose: "upload", owner } as const;
    expect(await find((await keepFile(stage.deps(), app.place, upload)).fileId)).toBeUndefined();
  });

  it("is small: a large file is not decrypted for whoever asks", async () => {
    expect(await find(await keep(makePng(30, 20, drawBytes(300 * 1024))))).toBeUndefined();
  });

  it("is read once a minute, however many ask", async () => {
    const deps = stage.deps();
    let reads = 0;
    const database: typeof deps.database = {
      withTenant: (actor, tenant, work) => {
        reads += 1;
        return deps.database.withTenant(actor, tenant, work);
      },
    };
    const findAvatar = createFindAvatar({ ...deps, database, clock: { nowMs: () => nowMs } });
    const channel = toSampleChannel({}, { tenant: app.tenant });
    const fileId = await keep();
    await Promise.all(Array.from({ length: 20 }, () => findAvatar(channel, fileId)));
    const once = reads;
    nowMs += 59_000;
    await findAvatar(channel, fileId);
    expect(reads).toBe(once);
    nowMs += 2_000;
    await findAvatar(channel, fileId);
    expect(reads).toBe(once * 2);
  });
});
