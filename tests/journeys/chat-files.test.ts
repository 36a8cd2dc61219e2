// What visitors upload and what bots show, over real HTTP: hostile files are refused with the reason and nothing of them is
// kept, a file is its visitor's, and a visitor's browser never fetches from elsewhere.

import { createServer, type Server } from "node:https";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { makeArchive, makeGif, makeJpeg, makePng } from "../../server/src/domains/files/testing/samples.ts";
import { askChat, type ChatAnswer, drawClientId, shop, type Visitor } from "../support/chat.ts";
import { type ChatHouse, openChatHouse, tlsFiles } from "../support/chat-house.ts";
import { countStored } from "../support/database.ts";
import { type DemoApp, findPort } from "../support/server.ts";

const MiB = 1024 * 1024;
const appBytesMax = 3 * MiB;
const script = "<script>alert(1)</script>";
const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">${script}</svg>`;

let house: ChatHouse;
let channelId: string;
/** Where a bot's pictures lie. */
let elsewhere: Server;
let elsewhereUrl: string;
const arrived: { path: string; headers: NodeJS.Dict<string | string[]> }[] = [];

async function startElsewhere(port: number): Promise<void> {
  elsewhere = createServer({ cert: tlsFiles.cert(), key: tlsFiles.key() }, (request, response) => {
    const path = request.url ?? "";
    arrived.push({ path, headers: request.headers });
    if (path === "/moved.png") response.writeHead(302, { location: "/lamp.png" }).end();
    else if (path === "/drawing.png") response.writeHead(200, { "content-type": "image/png" }).end(svg);
    else response.writeHead(200, { "content-type": "text/html", "set-cookie": "a=b" }).end(makePng(40, 30));
  });
  await new Promise<void>((resolve) => elsewhere.listen(port, "127.0.0.1", resolve));
}

beforeAll(async () => {
  const port = await findPort();
  elsewhereUrl = `https://localhost:${port}`;
  await startElsewhere(port);
  house = await openChatHouse({
    PARLEY_OUTBOUND_ALLOW: `localhost:${port}`,
    NODE_EXTRA_CA_CERTS: tlsFiles.ca,
    PARLEY_FILES_APP_BYTES_MAX: String(appBytesMax),
  });
  channelId = await house.addChannel({ uploads: true });
}, 120_000);

afterAll(async () => {
  expect(await house?.close()).toBe(0);
  elsewhere.closeAllConnections();
  await new Promise((resolve) => elsewhere.close(resolve));
}, 60_000);

const begin = (at = channelId): Promise<Visitor> => house.visitor(at).start();
const toOutcome = ({ status, body }: ChatAnswer): [number, string | undefined] => [status, body.code];

/** A visitor with a file of theirs. */
async function beginWithFile(name: string, bytes: Buffer): Promise<[Visitor, string]> {
  const visitor = await begin();
  const { status, body } = await visitor.upload(name, bytes);
  expect(status).toBe(201);
  return [visitor, body.fileId ?? ""];
}

/** A visitor in conversation, and what an agent shows them there. */
async function show(messages: readonly object[], app = house.app, at = channelId): Promise<[Visitor, string]> {
  const visitor = await begin(at);
  const stream = await visitor.openStream();
  await visitor.say("order 1");
  await stream.findMessage("Order 1 received");
  const { conversationId } = (await visitor.ask("messages")).body;
  const path = `/api/v1/conversations/${conversationId}/messages`;
  const sent = await house.api("POST", path, { messages, agentName: "Ana", keepMode: true }, app);
  expect([sent.status, sent.body.errors]).toEqual([202, undefined]);
  const shown = await stream.find(({ data }) => data.from === "agent");
  stream.close();
  return [visitor, shown.data.messageId ?? ""];
}

describe("an upload", () => {
  it.each<[string, string, Buffer, string]>([
    ["CVE-2026-39970: SVG with script", "drawing.svg", Buffer.from(svg), "files.type_refused"],
    ["CVE-2026-39970: SVG with script, called a picture", "drawing.png", Buffer.from(svg), "files.type_refused"],
    ["SVG with script, without an ending", "drawing", Buffer.from(svg), "files.type_refused"],
    ["a page, called a text", "page.txt", Buffer.from(`<!doctype html>${script}`), "files.type_refused"],
    ["a page", "page.html", Buffer.from(script), "files.type_refused"],
    ["CVE-2026-41269: a wrong type by content", "photo.jpg", makePng(), "files.type_mismatch"],
    [
      "a program, called a picture",
      "photo.png",
      Buffer.from("MZ\x90\x00this is a program", "latin1"),
      "files.type_mismatch",
    ],
    ["an archive, called a picture", "photo.png", makeArchive([{ name: "a", content: "x" }]), "files.type_mismatch"],
    ["two endings, one of a program", "invoice.exe.png", makePng(), "files.double_extension"],
    ["two endings, one of a page", "photo.html.png", makePng(), "files.double_extension"],
    ["CVE-2021-41127: a path in the name", "../../etc/photo.png", makePng(), "files.name_refused"],
    ["a path from the root", "/etc/photo.png", makePng(), "files.name_refused"],
    ["a path of Windows", "C:\\photo.png", makePng(), "files.name_refused"],
    ["a name that is turned round", "photo\u202egnp.png", makePng(), "files.name_refused"],
    ["a null in the name", "photo.png\u0000.exe", makePng(), "files.name_refused"],
    ["a line break in the name", "photo\r\nset-cookie: a=b.png", makePng(), "files.name_refused"],
    ["10 000 pixels wide", "wide.png", makePng(10_000, 10), "files.image_too_large"],
    ["10 000 pixels square", "square.jpg", makeJpeg(10_000, 10_000), "files.image_too_large"],
    ["a zip bomb", "b.zip", makeArchive([{ name: "bomb", content: Buffer.alloc(30 * MiB) }]), "files.archive_bomb"],
    [
      "a zip with a path that leads out",
      "a.zip",
      makeArchive([{ name: "../a", content: "x" }]),
      "files.archive_refused",
    ],
    ["a picture cut off", "cut.png", makePng().subarray(0, 12), "files."],
    ["nothing", "empty.png", Buffer.alloc(0), "files.empty"],
  ])("SECURITY: %s is refused with the reason, and nothing is kept", async (_what, name, bytes, code) => {
    const before = await countStored(house.dataDir, "files");
    const answer = await (await begin()).upload(name, bytes);
    expect([answer.status, answer.body.code?.startsWith(code) ? code : answer.body.code]).toEqual([422, code]);
    expect(answer.headers["access-control-allow-origin"]).toBe(shop);
    expect(await countStored(house.dataDir, "files")).toBe(before);
  });

  it("SECURITY: CVE-2026-21858: JSON that names a file of the server is no upload, nor is a form", async () => {
    const visitor = await begin();
    const before = await countStored(house.dataDir, "files");
    const named = { files: { "0": { filepath: "/etc/passwd", originalFilename: "a.txt", mimetype: "text/plain" } } };
    const asJson = await visitor.ask("files?name=a.txt", { method: "POST", body: named });
    expect(asJson.status).toBe(415);
    for (const type of ["multipart/form-data; boundary=x", "text/plain", "image/png", "application/json"]) {
      const headers = { "content-type": type };
      const answer = await visitor.ask("files?name=a.txt", { method: "POST", headers, bytes: Buffer.from("--x--") });
      expect(answer.status).toBe(415);
    }
    // Sent as bytes it is what it is: a text that holds these words.
    const asBytes = await visitor.upload("a.txt", Buffer.from(JSON.stringify(named)));
    expect(asBytes.status).toBe(201);
    expect((await visitor.ask(`files/${asBytes.body.fileId}`)).bytes.toString()).toBe(JSON.stringify(named));
    expect(await countStored(house.dataDir, "files")).toBe(before + 1);
  });

  it("SECURITY: CVE-2026-45687: takes a name and bytes, and no field that says where or as what it is kept", async () => {
    const visitor = await begin();
    for (const more of ["type=text/html", "path=/etc/passwd", "fileId=fil_0", "purpose=app", "visitorId=vis_0"]) {
      const answer = await visitor.ask(`files?name=a.png&${more}`, { method: "POST", bytes: makePng() });
      expect(toOutcome(answer)).toEqual([400, "api.invalid_request"]);
    }
  });

  it("SECURITY: larger than 10 MiB is cut off before it is read", async () => {
    const visitor = await begin();
    const answer = await visitor
      .upload("a.png", Buffer.alloc(10 * MiB + 1))
      .catch((error: NodeJS.ErrnoException) => error);
    // The server closes the connection; whether its answer can be read then is up to the network.
    if (answer instanceof Error) expect(["EPIPE", "ECONNRESET"]).toContain((answer as NodeJS.ErrnoException).code);
    else expect(answer.status).toBe(413);
  });

  it("SECURITY: is refused where the channel takes none, and without a token", async () => {
    const at = await house.addChannel();
    expect(toOutcome(await (await begin(at)).upload("a.png", makePng()))).toEqual([403, "visitors.uploads_off"]);
    expect((await house.visitor(channelId).upload("a.png", makePng())).status).toBe(401);
  });

  it("SECURITY: over the app's quota is refused, parallel ones included; another app has its own", async () => {
    const other = house.demo.apps[1] as DemoApp;
    const at = await house.addChannel({ uploads: true }, other);
    const visitors = await Promise.all(Array.from({ length: 5 }, () => begin(at)));
    const picture = makePng(3, 2, Buffer.alloc(MiB));
    const answers = await Promise.all(visitors.map((visitor) => visitor.upload("a.png", picture)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect(toOutcome(answer)).toEqual([429, "files.quota"]);
      expect(answer.body.errors?.[0]?.message).toContain(String(appBytesMax));
    }
    expect((await (await begin()).upload("a.png", makePng())).status).toBe(201);
  });

  it("SECURITY: too many from one visitor are refused with a time to come back", async () => {
    const visitor = await begin();
    const answers: ChatAnswer[] = [];
    for (let index = 0; index < 11; index += 1) answers.push(await visitor.upload(`${index}.png`, makePng()));
    expect(answers.map(({ status }) => status)).toEqual([...Array(10).fill(201), 429]);
    expect(Number(answers.at(-1)?.headers["retry-after"])).toBeGreaterThan(0);
  });
});

describe("a visitor's file", () => {
  it("is sent in a message, shown in the conversation, and saved by a browser rather than shown", async () => {
    const [visitor, fileId] = await beginWithFile("my photo – ü.gif", makeGif());
    const stream = await visitor.openStream();
    const message = { type: "file", clientId: drawClientId(), fileId, text: "Look" };
    expect((await visitor.post("messages", message)).status).toBe(202);
    const seen = await stream.find(({ data }) => data.content?.type === "image");
    expect(seen.data.content?.media).toMatchObject({ fileId });
    const answer = await visitor.ask(`files/${fileId}`);
    expect(answer.bytes).toEqual(makeGif());
    const { headers } = answer;
    expect(headers["content-type"]).toBe("image/gif");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["content-disposition"]).toMatch(
      /^attachment; filename="my photo _ _\.gif"; filename\*=UTF-8''my%20photo/,
    );
    expect(headers["content-security-policy"]).toMatch(/^sandbox; default-src 'none'/);
    expect(headers["cross-origin-resource-policy"]).toBe("same-origin");
    expect(headers["cache-control"]).toMatch(/^private/);
    const again = await visitor.ask(`files/${fileId}`, { headers: { "if-none-match": headers.etag ?? "" } });
    expect([again.status, again.bytes.length]).toEqual([304, 0]);
  });

  it("SECURITY: CVE-2026-41949, CVE-2026-41950, CVE-2026-63765: to every other visitor, channel and app it does not exist", async () => {
    const [, fileId] = await beginWithFile("mine.png", makePng());
    const otherApp = house.demo.apps[1] as DemoApp;
    const others = await Promise.all([
      begin(),
      begin(await house.addChannel({ uploads: true })),
      begin(await house.addChannel({ uploads: true }, otherApp)),
    ]);
    for (const other of others) {
      expect(toOutcome(await other.ask(`files/${fileId}`))).toEqual([404, "files.not_found"]);
      const theft = await other.post("messages", { type: "file", clientId: drawClientId(), fileId });
      expect(toOutcome(theft)).toEqual([404, "files.not_found"]);
    }
    const nobody = house.visitor(channelId);
    expect((await nobody.ask(`files/${fileId}`)).status).toBe(401);
    expect((await house.api("GET", `/api/v1/files/${fileId}`, undefined, otherApp)).status).not.toBe(200);
    for (const wrong of [`fil_${"0".repeat(32)}`, "fil_x", "..%2f..%2fetc%2fpasswd"]) {
      expect([400, 404]).toContain((await (others[0] as Visitor).ask(`files/${wrong}`)).status);
    }
  });
});

describe("what a bot shows from elsewhere", () => {
  const image = (path: string) => [{ type: "image", url: `${elsewhereUrl}${path}`, caption: "A lamp" }];

  it("SECURITY: is fetched once by the server, checked and kept; its address is told to no visitor", async () => {
    const [visitor, messageId] = await show(image("/lamp.png"));
    const listed = await visitor.ask("messages");
    expect(listed.bytes.toString()).not.toContain("localhost:");
    const answers = await Promise.all(Array.from({ length: 5 }, () => visitor.ask(`messages/${messageId}/media/0`)));
    answers.push(await visitor.ask(`messages/${messageId}/media/0`));
    for (const { status, bytes, headers } of answers) {
      expect([status, bytes.equals(makePng(40, 30))]).toEqual([200, true]);
      // By what it is, whatever the other server calls it.
      expect(headers["content-type"]).toBe("image/png");
      expect(headers["content-disposition"]).toMatch(/^attachment; filename="lamp\.png"/);
      expect(headers["content-security-policy"]).toMatch(/^sandbox/);
      expect(headers["set-cookie"]).toBeUndefined();
    }
    const fetches = arrived.filter(({ path }) => path === "/lamp.png");
    expect(fetches).toHaveLength(1);
    const told = JSON.stringify(fetches[0]?.headers);
    expect(told).not.toContain(shop);
    expect(told).not.toMatch(/plv_|cookie|origin|referer|x-forwarded/i);
  });

  it.each(["/drawing.png", "/moved.png"])(
    "SECURITY: %s is not shown, and the answer does not say why",
    async (path) => {
      const [visitor, messageId] = await show(image(path));
      for (let tries = 0; tries < 3; tries += 1) {
        expect(toOutcome(await visitor.ask(`messages/${messageId}/media/0`))).toEqual([502, "files.remote_failed"]);
      }
      expect(arrived.filter((one) => one.path === path)).toHaveLength(1);
    },
  );

  it("SECURITY: is not fetched from an address inside", async () => {
    const inside = [{ type: "image", url: "https://169.254.169.254/latest/meta-data" }];
    const [visitor, messageId] = await show(inside);
    // Refused when it is looked at.
    const answer = await visitor.ask(`messages/${messageId}/media/0`);
    expect(toOutcome(answer)).toEqual([502, "files.remote_failed"]);
  });

  it("SECURITY: is shown to the visitor of its conversation alone, and only what the message shows", async () => {
    const [visitor, messageId] = await show(image("/lamp.png"));
    for (const path of [`messages/${messageId}/media/1`, `messages/${messageId}/media/99`]) {
      expect((await visitor.ask(path)).status).toBe(404);
    }
    expect((await visitor.ask(`messages/${messageId}/media/100`)).status).toBe(400);
    const other = await begin();
    expect(toOutcome(await other.ask(`messages/${messageId}/media/0`))).toEqual([404, "visitors.message_not_found"]);
  });

  it("SECURITY: by a file's id, is a file of the app, never what another visitor uploaded", async () => {
    const kept = await house.upload("lamp.png", makePng(8, 8));
    const [visitor, messageId] = await show([{ type: "image", fileId: kept }]);
    expect((await visitor.ask(`messages/${messageId}/media/0`)).bytes).toEqual(makePng(8, 8));
    const [, fileId] = await beginWithFile("private.png", makePng());
    const [other, otherId] = await show([{ type: "image", fileId }]);
    // Refused when it is looked at.
    expect(toOutcome(await other.ask(`messages/${otherId}/media/0`))).toEqual([404, "files.not_found"]);
  });

  it("is reachable through a browser's own frame without an Origin, which GET leaves out", async () => {
    const [visitor, fileId] = await beginWithFile("own.png", makePng());
    const framed = { "sec-fetch-site": "same-origin", "parley-site": shop, authorization: `Bearer ${visitor.token}` };
    const to = `${house.server.url}/chat/v1/channels/${channelId}/files/${fileId}`;
    expect((await askChat(to, { headers: framed })).status).toBe(200);
    await vi.waitFor(async () =>
      expect((await askChat(to, { headers: { ...framed, "parley-site": "null" } })).status).toBe(403),
    );
  });
});
