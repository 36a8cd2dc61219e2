import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { Parser } from "htmlparser2";
import { describe, expect, it } from "vitest";
import type { Channel } from "../domains/channels/index.ts";
import { pageAssets } from "../pages/index.ts";
import type { HttpServer } from "../platform/http/index.ts";
import { createTestServer } from "../platform/http/testing.ts";
import { demoAssets } from "./assets.ts";
import { toPalette } from "./colours.ts";
import { createEmbedSurface, type EmbedOptions } from "./surface.ts";
import { sampleChannelId, sampleFileId, toSampleChannel } from "./testing/sample-channel.ts";
import { writeSampleWidget } from "./testing/sample-widget.ts";
import { readWidgetFiles, widgetFolder } from "./widget-files.ts";

const files = readWidgetFiles(writeSampleWidget());
const frameUrl = `/embed/${sampleChannelId}`;
const demoUrl = `/demo/${sampleChannelId}`;
const framed = { "sec-fetch-dest": "iframe" };

function serve(channel: Channel | undefined, options: Partial<EmbedOptions> = {}): HttpServer {
  const server = createTestServer();
  server.mount(
    createEmbedSurface({
      findChannel: async (channelId) => (channelId === channel?.channelId ? channel : undefined),
      clock: { nowMs: () => Date.parse("2026-01-05T12:00:00Z") },
      ...{ files, publicOrigin: "https://parley.example", isHttps: true },
      ...options,
    }),
  );
  return server;
}

const get = async (server: HttpServer, url: string, headers: Record<string, string> = {}) =>
  server.inject({ url, headers: { host: "parley.example", ...headers } });

/** The attributes of every element, as a browser's parser reads them. */
function listElements(body: string): { name: string; attributes: Record<string, string> }[] {
  const elements: { name: string; attributes: Record<string, string> }[] = [];
  const parser = new Parser({ onopentag: (name, attributes) => elements.push({ name, attributes }) });
  parser.end(body);
  return elements;
}

function readConfig(body: string): Record<string, unknown> {
  const chat = listElements(body).find(({ attributes }) => attributes["id"] === "chat");
  return JSON.parse(chat?.attributes["data-config"] ?? "null");
}

describe("the frame", () => {
  it("is drawn by one script with this answer's nonce, under the policy of its channel", async () => {
    const server = serve(toSampleChannel());
    const answers = await Promise.all([get(server, frameUrl, framed), get(server, frameUrl, framed)]);
    const nonces = answers.map(({ headers, body, statusCode }) => {
      expect(statusCode).toBe(200);
      const policy = String(headers["content-security-policy"]);
      expect(policy).toContain("frame-ancestors https://shop.example http://localhost:3000;");
      expect(headers["x-frame-options"]).toBeUndefined();
      expect(headers["set-cookie"]).toBeUndefined();
      const scripts = listElements(body).filter(({ name }) => name === "script");
      expect(scripts.map(({ attributes }) => [attributes["src"], attributes["integrity"]])).toEqual([
        [files?.embed.path, files?.embed.integrity],
      ]);
      const nonce = scripts[0]?.attributes["nonce"] ?? "";
      expect(policy).toContain(`'nonce-${nonce}'`);
      return nonce;
    });
    expect(nonces[0]).not.toBe(nonces[1]);
  });

  it("is told what it may know, and no origin, key or secret", async () => {
    const web = {
      identity: { mode: "optional", jwksUrl: "https://planted.example/jwks", publicKeysPem: [] },
      businessHours: { timeZone: "Europe/Madrid", weekly: [] },
      appearance: { accent: "#2e54c4", position: "left", theme: "dark", avatarFileId: sampleFileId },
    };
    const { body } = await get(serve(toSampleChannel(web)), frameUrl, framed);
    for (const planted of ["planted", "shop.example", "localhost", "Madrid", "org_", "app_", "Shop"]) {
      expect(body).not.toContain(planted);
    }
    expect(readConfig(body)).toEqual({
      channelId: sampleChannelId,
      appearance: {
        ...{ palette: toPalette("#2e54c4"), position: "left", theme: "dark" },
        avatarUrl: `/widget/avatar/${sampleChannelId}/${sampleFileId}`,
      },
      texts: { en: { title: "Chat with us" } },
      defaultLocale: "en",
      features: {
        ...{ uploads: false, consentRequired: false, aiDisclosure: true, quickStarts: [], transcript: false },
        ...{ isOffHours: true, identity: "optional" },
      },
    });
  });

  it("CVE-2026-28445: takes every text of the channel for text: no element, no attribute comes of it", async () => {
    const hostile = `"'><script>alert(1)</script><img src=x onerror=alert(1)>&quot;--></div>`;
    const texts = { en: { title: hostile.slice(0, 60), greeting: hostile, consent: hostile } };
    const web = { texts, quickStarts: [{ title: hostile.slice(0, 60), payload: hostile }] };
    const plain = listElements((await get(serve(toSampleChannel()), frameUrl, framed)).body);
    const { body } = await get(serve(toSampleChannel(web)), frameUrl, framed);
    expect(listElements(body).map(({ name }) => name)).toEqual(plain.map(({ name }) => name));
    expect(readConfig(body)).toMatchObject({ texts, features: { quickStarts: web.quickStarts } });
  });

  it("offers only the default language where the channel says so", async () => {
    const texts = { en: { title: "Hello" }, es: { title: "Hola" } };
    const shown = await get(serve(toSampleChannel({ texts })), frameUrl, framed);
    const fixed = await get(
      serve(toSampleChannel({ texts, defaultLocale: "es", language: "default" })),
      frameUrl,
      framed,
    );
    expect(Object.keys(readConfig(shown.body)["texts"] as object)).toEqual(["en", "es"]);
    expect(Object.keys(readConfig(fixed.body)["texts"] as object)).toEqual(["es"]);
  });

  it.each([
    ["an unknown channel", undefined, framed, 404],
    ["a channel that is off", toSampleChannel({}, { enabled: false }), framed, 404],
    ["a channel that lists nobody", toSampleChannel({ origins: [] }), framed, 403],
    ["a page of its own", toSampleChannel(), { "sec-fetch-dest": "document" }, 403],
    ["an object element", toSampleChannel(), { "sec-fetch-dest": "object" }, 403],
  ] as const)("shows nothing of the channel for %s", async (_name, channel, headers, status) => {
    const answer = await get(serve(channel), frameUrl, headers);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(answer.headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(answer.headers["x-frame-options"]).toBe("DENY");
    for (const shown of ["Chat with us", "chn_", "shop.example", "Shop", "data-config", "<script"]) {
      expect(answer.body).not.toContain(shown);
    }
  });

  it("is the same page for a channel that is off and for one that is not there, and for another kind", async () => {
    const { web: _web, ...rest } = toSampleChannel({}, { kind: "custom" });
    const answers = await Promise.all(
      [undefined, toSampleChannel({}, { enabled: false }), rest].map((channel) =>
        get(serve(channel), frameUrl, framed),
      ),
    );
    expect(new Set(answers.map(({ body, statusCode }) => `${statusCode} ${body}`)).size).toBe(1);
  });

  it.each(["/embed/", "/embed/chn_x", "/embed/chn_%2e%2e", `${frameUrl}/`, `${frameUrl};x`, "/EMBED/x"])(
    "has one address: %s is nothing",
    async (url) => {
      expect((await get(serve(toSampleChannel()), url, framed)).statusCode).toBe(404);
    },
  );

  it("says plainly when nothing was built", async () => {
    const server = serve(toSampleChannel({ demoPage: true }), { files: undefined });
    for (const url of [frameUrl, demoUrl, "/widget.js"]) {
      const answer = await get(server, url, framed);
      expect([answer.statusCode, answer.json().code]).toEqual([503, "embed.not_built"]);
      expect(answer.headers["x-frame-options"]).toBe("DENY");
    }
  });
});

describe("the loader", () => {
  it("is kept five minutes, and not sent again to whoever has it", async () => {
    const server = serve(undefined);
    const first = await get(server, "/widget.js");
    expect([first.statusCode, first.body]).toEqual([200, files?.loader.body.toString()]);
    expect(first.headers["cache-control"]).toBe("public, max-age=300");
    expect(first.headers["access-control-allow-origin"]).toBe("*");
    const tag = String(first.headers["etag"]);
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`]) {
      const again = await get(server, "/widget.js", { "if-none-match": known });
      expect([again.statusCode, again.body, again.headers["etag"]]).toEqual([304, "", tag]);
    }
    expect((await get(server, "/widget.js", { "if-none-match": '"other"' })).statusCode).toBe(200);
  });

  it("and the frame's files are served under their hashes, each to whom it is for", async () => {
    const server = serve(undefined);
    for (const file of files?.all ?? []) {
      const answer = await get(server, file.path);
      expect([answer.statusCode, answer.headers["content-type"]]).toEqual([200, file.contentType]);
      expect(answer.headers["cache-control"]).toContain("immutable");
      const isLoader = file === files?.loader;
      expect(answer.headers["cross-origin-resource-policy"]).toBe(isLoader ? "cross-origin" : "same-origin");
      expect(answer.headers["access-control-allow-origin"]).toBe(isLoader ? "*" : undefined);
    }
    for (const url of ["/widget/manifest.json", "/widget/../package.json", "/widget/loader.js", "/widget/"]) {
      expect((await get(server, url)).statusCode).toBe(404);
    }
  });
});

describe("every file", () => {
  const built = readWidgetFiles(widgetFolder);
  const asked = [
    ...(built === undefined ? [] : [["/widget.js", built.loader] as const]),
    ...[...(built?.all ?? []), ...Object.values(demoAssets)].map((file) => [file.path, file] as const),
  ];

  it.each([
    ["br", brotliDecompressSync],
    ["gzip", gunzipSync],
    ["identity", (body: Buffer) => body],
  ] as const)(
    "comes in the coding that is asked for, and is the same file when decoded: %s",
    async (coding, decode) => {
      const server = serve(undefined, { files: built });
      for (const [url, file] of asked) {
        const { statusCode, rawPayload, headers } = await get(server, url, { "accept-encoding": coding });
        expect([statusCode, headers["content-encoding"]]).toEqual([200, coding === "identity" ? undefined : coding]);
        expect(decode(rawPayload).equals(file.body), url).toBe(true);
        expect([headers["vary"], headers["content-length"]]).toEqual(["Accept-Encoding", String(rawPayload.length)]);
        expect(headers["content-type"]).toBe(file.contentType);
      }
    },
  );

  it("has another tag in each coding, and who holds one is not sent that coding again", async () => {
    const server = serve(undefined, { files: built });
    for (const [url] of asked) {
      const codings = ["br", "gzip", "identity"];
      const answers = await Promise.all(codings.map((one) => get(server, url, { "accept-encoding": one })));
      const tags = answers.map(({ headers }) => String(headers["etag"]));
      expect(new Set(tags).size).toBe(3);
      const ask = (known = "") => get(server, url, { "accept-encoding": "br", "if-none-match": known });
      const again = await ask(tags[0]);
      expect([again.statusCode, again.body, again.headers["etag"]]).toEqual([304, "", tags[0]]);
      expect([again.headers["vary"], again.headers["content-encoding"]]).toEqual(["Accept-Encoding", undefined]);
      expect((await ask(tags[1])).statusCode).toBe(200);
    }
  });
});

describe("the picture of a channel", () => {
  const appearance = { accent: "#2e54c4", position: "right", theme: "auto", avatarFileId: sampleFileId };
  const url = `/widget/avatar/${sampleChannelId}/${sampleFileId}`;
  const channel = toSampleChannel({ appearance });
  const find = (contentType: string) => ({ findAvatar: async () => ({ contentType, body: Buffer.from("picture") }) });

  it("is served as what it is, and nothing of it runs", async () => {
    const answer = await get(serve(channel, find("image/png")), url);
    expect([answer.statusCode, answer.body, answer.headers["content-type"]]).toEqual([200, "picture", "image/png"]);
    expect(answer.headers["content-security-policy"]).toContain("default-src 'none'");
    expect(answer.headers["x-content-type-options"]).toBe("nosniff");
  });

  it("CVE-2026-39970: is never a drawing or a document, whatever was uploaded", async () => {
    for (const type of ["image/svg+xml", "text/html", "application/pdf", "IMAGE/PNG; x", ""]) {
      expect((await get(serve(channel, find(type)), url)).statusCode).toBe(404);
    }
  });

  it("CVE-2026-41949: is the one the channel shows; another file's id is no way to it", async () => {
    const other = `/widget/avatar/${sampleChannelId}/fil_${"c3".repeat(16)}`;
    expect((await get(serve(channel, find("image/png")), other)).statusCode).toBe(404);
    expect((await get(serve(toSampleChannel(), find("image/png")), url)).statusCode).toBe(404);
    expect((await get(serve(channel), url)).statusCode).toBe(404);
  });
});

describe("the demo page", () => {
  const quickStarts = [
    { title: "Where is my order?", text: "order 42" },
    { title: "Menu", payload: "menu" },
  ];
  const web = { demoPage: true, quickStarts, origins: ["https://parley.example"] };

  it("shows the widget, says what to write, and what to copy with its integrity", async () => {
    const answer = await get(serve(toSampleChannel(web)), demoUrl, { "sec-fetch-dest": "document" });
    expect(answer.statusCode).toBe(200);
    const { loader } = files as NonNullable<typeof files>;
    const elements = listElements(answer.body);
    const widget = elements.find(({ attributes }) => attributes["data-channel"] === sampleChannelId);
    expect(widget?.attributes).toMatchObject({ src: loader.path, integrity: loader.integrity, async: "" });
    const nonces = elements.filter(({ name }) => name === "script").map(({ attributes }) => attributes["nonce"]);
    expect(new Set(nonces).size).toBe(1);
    expect(answer.headers["content-security-policy"]).toContain(`'nonce-${nonces[0]}'`);
    for (const shown of [
      "order 42",
      "Menu",
      `https://parley.example${loader.path}`,
      "frame-src https://parley.example;",
    ]) {
      expect(answer.body).toContain(shown);
    }
    expect(answer.body).toContain(loader.integrity);
    expect(answer.body).toContain("Shop &lt;chat&gt;");
    expect(answer.body).not.toContain("planted");
    expect(answer.headers["set-cookie"]).toBeUndefined();
  });

  it("has no style and no handler in its markup, and every file comes from this server, sealed", async () => {
    const { body } = await get(serve(toSampleChannel(web)), demoUrl);
    const icon = pageAssets.mark.path;
    for (const { name, attributes } of listElements(body)) {
      expect(name).not.toBe("style");
      expect(Object.keys(attributes).filter((key) => key === "style" || key.startsWith("on"))).toEqual([]);
      const address = attributes["src"] ?? attributes["href"];
      if (address === undefined) continue;
      expect(address).toMatch(/^\/[a-z]/);
      if (address === icon) continue;
      expect(attributes["integrity"]).toMatch(/^sha384-/);
    }
  });

  it("is only where the channel asks for it, and is the same nothing everywhere else", async () => {
    const channels = [toSampleChannel(), toSampleChannel(web, { enabled: false }), undefined];
    const answers = await Promise.all(channels.map((channel) => get(serve(channel), demoUrl)));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 404, 404]);
  });

  it("says so when the channel does not list the place it stands on", async () => {
    const away = await get(serve(toSampleChannel({ ...web, origins: ["https://shop.example"] })), demoUrl);
    expect(away.body).toContain("which the channel does not list");
    const local = serve(toSampleChannel({ ...web, origins: ["http://localhost:8080"] }), { isHttps: false });
    expect((await get(local, demoUrl, { host: "localhost:8080" })).body).not.toContain("does not list");
    expect((await get(local, demoUrl, { host: "evil.example" })).body).not.toContain("evil.example");
  });

  it("brings the files of its own", async () => {
    const server = serve(toSampleChannel(web));
    const { body } = await get(server, demoUrl);
    const own = listElements(body).flatMap(({ attributes }) => attributes["src"] ?? attributes["href"] ?? []);
    expect(own.length).toBe(5);
    // The mark and what the pages' look is made of are files of the pages.
    const ofPages: readonly string[] = [pageAssets.mark.path, pageAssets.style.path];
    expect(own).toEqual(expect.arrayContaining([...ofPages]));
    for (const url of own.filter((one) => !ofPages.includes(one)))
      expect((await get(server, url)).statusCode).toBe(200);
  });
});
