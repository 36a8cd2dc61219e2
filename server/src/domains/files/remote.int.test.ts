import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AppError } from "../../kernel/errors.ts";
import { toUuid } from "../../kernel/ids.ts";
import type { FileDeps } from "./deps.ts";
import { keepFile } from "./keep-file.ts";
import { keepRemote } from "./keep-remote.ts";
import { accepted, makeArchive, makePng } from "./testing/samples.ts";
import { createFileStage, type FileApp, type FileStage } from "./testing/stage.ts";
import { fileLimits } from "./types.ts";

let stage: FileStage;
let app: FileApp;
beforeAll(async () => {
  stage = await createFileStage();
}, 60_000);
afterAll(() => stage.close());
beforeEach(async () => {
  app = await stage.addApp();
  stage.arrived.splice(0);
  stage.answer = (_arrived, response) => response.end(makePng());
});

const codeOf = (error: unknown): string => (error instanceof AppError ? error.code : String(error));
const fail = async (work: Promise<unknown>): Promise<string> => work.then(() => "nothing", codeOf);
const fetchIt = (deps: FileDeps, path = "/media/a%20picture.php?x=1", key = "msg_1:0") =>
  keepRemote(deps, app.place, { url: `${stage.origin}${path}`, key });
const age = (by: string) =>
  stage.db.asAdmin("update files set created_at = created_at - $2::interval where app_id = $1", [
    toUuid(app.tenant.appId),
    by,
  ]);

describe("what messages show from elsewhere", () => {
  it("is fetched once, however many ask at a time and afterwards, and is called after its type", async () => {
    const deps = stage.deps();
    const views = await Promise.all(Array.from({ length: 10 }, () => fetchIt(deps)));
    views.push(await fetchIt(stage.deps()));
    expect(stage.arrived).toHaveLength(1);
    expect(new Set(views.map(({ fileId }) => fileId)).size).toBe(1);
    expect(views[0]).toMatchObject({ name: "a picture.png", type: "image/png", kind: "image", width: 3 });
    expect(stage.arrived[0]?.request.headers).not.toHaveProperty("cookie");
    await fetchIt(deps, "/media/other.png", "msg_1:1");
    expect(stage.arrived).toHaveLength(2);
  });

  it("is kept once when two processes fetch it at the same time", async () => {
    stage.answer = (_arrived, response) => void wait(50).then(() => response.end(makePng()));
    const views = await Promise.all([fetchIt(stage.deps()), fetchIt(stage.deps())]);
    expect(views[0]?.fileId).toBe(views[1]?.fileId);
    expect(await stage.countRows("files", app.tenant.appId)).toBe(1);
    expect(await stage.countRows("file_chunks", app.tenant.appId)).toBe(1);
  });

  it("is not another app's copy under the same key", async () => {
    const [first, neighbour] = [await fetchIt(stage.deps()), await stage.addApp()];
    app = neighbour;
    expect((await fetchIt(stage.deps())).fileId).not.toBe(first.fileId);
  });

  it("remembers a failure for a minute, then tries again and keeps what comes", async () => {
    const deps = stage.deps();
    stage.answer = (_arrived, response) => void response.writeHead(404).end();
    expect(await fail(fetchIt(deps))).toBe("files.remote_failed");
    stage.answer = (_arrived, response) => response.end(makePng());
    expect(await fail(fetchIt(deps))).toBe("files.remote_failed");
    expect(stage.arrived).toHaveLength(1);
    await age("61 seconds");
    expect(await fail(fetchIt(deps))).toBe("nothing");
    expect(stage.arrived).toHaveLength(2);
    expect(await stage.countRows("files", app.tenant.appId)).toBe(1);
  });

  it("CVE-2026-39970: refuses pages, drawings, documents, redirects and floods, always with the same words", async () => {
    const page = "<!doctype html><script>alert(1)</script>";
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`;
    const docx = accepted.find(([name]) => name === "letter.docx")?.[1] ?? Buffer.alloc(0);
    const zip = makeArchive([{ name: "a", content: "b" }]);
    const image = { "content-type": "image/png" };
    const answers: [number, Record<string, string>, string | Buffer, string][] = [
      [200, image, page, "files.type_refused"],
      [200, image, svg, "files.type_refused"],
      [200, image, docx, "files.type_refused"],
      [200, image, zip, "files.type_refused"],
      [200, image, "just text", "files.type_refused"],
      [200, image, "", "files.empty"],
      [200, image, makePng(9000, 1), "files.image_too_large"],
      [200, { ...image, "content-encoding": "gzip" }, makePng(), "files.damaged"],
      [302, { location: `${stage.origin}/b` }, "", "files.remote_failed"],
      [206, image, makePng(), "files.remote_failed"],
    ];
    for (const [status, headers, body, code] of answers) {
      app = await stage.addApp();
      stage.answer = (_arrived, response) => void response.writeHead(status, headers).end(body);
      expect(await fail(fetchIt(stage.deps()))).toBe("files.remote_failed");
      const rows = await stage.db.asAdmin("select refused_because from files where app_id = $1", [
        toUuid(app.tenant.appId),
      ]);
      expect(rows).toEqual([{ refused_because: code }]);
    }
    expect(stage.arrived).toHaveLength(answers.length);
    app = await stage.addApp();
    stage.arrived.splice(0);
    stage.answer = (_arrived, response) =>
      void response.end(makePng(1, 1, Buffer.alloc(fileLimits.remoteBytesMax + 1)));
    expect(await fail(fetchIt(stage.deps()))).toBe("files.remote_failed");
    expect(stage.arrived).toHaveLength(1);
    expect(await stage.countRows("file_chunks", app.tenant.appId)).toBe(0);
  });

  it("goes to no address the guarded client refuses, and says no more than of any failure", async () => {
    for (const [index, url] of [
      "http://169.254.169.254/a.png",
      "https://localhost/a.png",
      "file:///etc/passwd",
    ].entries()) {
      const outcome = await fail(keepRemote(stage.deps(), app.place, { url, key: `k${index}` }));
      expect(outcome).toBe("files.remote_failed");
    }
  });
});

describe("the virus scanner", () => {
  const send = (deps: FileDeps): Promise<unknown> =>
    keepFile(deps, app.place, { bytes: makePng(), name: "a.png", purpose: "app" });

  it.each([
    [200, "nothing", 1],
    [204, "nothing", 1],
    [406, "files.infected", 0],
    [422, "files.infected", 0],
    [500, "files.scan_unavailable", 0],
    [302, "files.scan_unavailable", 0],
    [202, "files.scan_unavailable", 0],
    [404, "files.scan_unavailable", 0],
  ])("that answers %i: %s", async (status, outcome, kept) => {
    stage.answer = (_arrived, response) => void response.writeHead(status).end();
    expect(await fail(send(stage.deps({ scanUrl: `${stage.origin}/scan` })))).toBe(outcome);
    expect(await stage.countRows("files", app.tenant.appId)).toBe(kept);
    expect(stage.arrived.map(({ body }) => body.equals(makePng()))).toEqual([true]);
    expect(stage.arrived[0]?.request.headers["content-type"]).toBe("application/octet-stream");
  });

  it("that hangs up, or is not there, is no yes", async () => {
    stage.answer = ({ request }) => request.socket.destroy();
    expect(await fail(send(stage.deps({ scanUrl: `${stage.origin}/scan` })))).toBe("files.scan_unavailable");
    expect(await fail(send(stage.deps({ scanUrl: "http://127.0.0.1:9/scan" })))).toBe("files.scan_unavailable");
    expect(await stage.countRows("files", app.tenant.appId)).toBe(0);
  });

  it("is asked about what messages show too", async () => {
    stage.answer = ({ request }, response) =>
      request.method === "POST" ? void response.writeHead(406).end() : response.end(makePng());
    expect(await fail(fetchIt(stage.deps({ scanUrl: `${stage.origin}/scan` })))).toBe("files.remote_failed");
    expect(stage.arrived.map(({ request }) => request.method)).toEqual(["GET", "POST"]);
    expect(await stage.countRows("file_chunks", app.tenant.appId)).toBe(0);
  });
});
