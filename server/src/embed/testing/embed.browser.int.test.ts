// The frame and the demo page in a real browser, beside websites of other origins: who may frame is the browser's to hold,
// and nothing is refused of what our own policies mean to allow. Needs Chromium; says so and skips where there is none.

import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Channel } from "../../domains/channels/index.ts";
import { listPageAssets } from "../../pages/index.ts";
import { chromiumPath, startChromium } from "../../pages/testing/chromium.ts";
import { listAssetHeaders } from "../../platform/http/document-headers.ts";
import type { HttpServer } from "../../platform/http/index.ts";
import { createTestServer } from "../../platform/http/testing.ts";
import { createEmbedSurface } from "../surface.ts";
import { readWidgetFiles } from "../widget-files.ts";
import { sampleChannelId, toSampleChannel } from "./sample-channel.ts";
import { writeSampleWidget } from "./sample-widget.ts";

if (chromiumPath === undefined) {
  process.stderr.write("The frame is not tried in a browser: Chromium is not installed on this machine.\n");
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const files = readWidgetFiles(writeSampleWidget());
const countRefusals =
  'window.refused = []; addEventListener("securitypolicyviolation", (e) => refused.push(e.violatedDirective))';

/** A website that frames `src` and, if it isolates itself, says so. */
function startSite(toBody: () => string, headers: Record<string, string> = {}): Promise<Server> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/html", ...headers }).end(`<!doctype html>${toBody()}`);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

const originOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

describe.skipIf(chromiumPath === undefined)("the frame in a browser", { timeout: 120_000 }, () => {
  let browser: Browser;
  let server: HttpServer;
  let channel: Channel;
  let origin: string;
  const sites: Server[] = [];

  const site = async (body: () => string, headers?: Record<string, string>): Promise<string> => {
    const started = await startSite(body, headers);
    sites.push(started);
    return originOf(started);
  };
  const framing = (): string => `<iframe src="${origin}/embed/${sampleChannelId}"></iframe>`;

  async function withPage<T>(url: string, use: (page: Page) => Promise<T>, options = {}): Promise<T> {
    const context = await browser.newContext(options);
    try {
      const page = await context.newPage();
      await page.addInitScript(countRefusals);
      await page.goto(url);
      const result = await use(page);
      expect(await context.cookies()).toEqual([]);
      return result;
    } finally {
      await context.close();
    }
  }

  /** What the frame shows; empty when the browser refused it. */
  const readFrame = (url: string): Promise<string> =>
    withPage(url, async (page) => {
      const [, frame] = page.frames();
      return (
        (await frame
          ?.locator("#chat")
          .textContent({ timeout: 3_000 })
          .catch(() => "")) ?? ""
      );
    });

  beforeAll(async () => {
    server = createTestServer();
    server.mount(
      createEmbedSurface({
        findChannel: async () => channel,
        clock: { nowMs: () => 0 },
        ...{ files, publicOrigin: undefined, isHttps: false },
      }),
    );
    server.mount({
      name: "page",
      register: (scope) => {
        for (const asset of listPageAssets()) {
          scope.get(asset.path, (_request, reply) => {
            for (const [name, value] of listAssetHeaders(asset)) reply.header(name, value);
            return reply.send(asset.body);
          });
        }
      },
    });
    const at = await server.listen({ host: "127.0.0.1", port: 0 });
    origin = `http://127.0.0.1:${at.port}`;
    browser = await startChromium();
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    for (const one of sites) one.close();
  });

  it("is shown by a site its channel lists, also by one that isolates itself", async () => {
    const plain = await site(framing);
    const isolated = await site(framing, {
      "cross-origin-embedder-policy": "require-corp",
      "cross-origin-opener-policy": "same-origin",
    });
    channel = toSampleChannel({ origins: [plain, isolated] });
    expect(await readFrame(plain)).toBe("drawn");
    expect(await readFrame(isolated)).toBe("drawn");
  });

  it("is refused to a site that is not listed, to one within a listed one, and to everybody by an empty list", async () => {
    const listed = await site(framing);
    const stranger = await site(framing);
    const around = await site(() => `<iframe src="${listed}"></iframe>`);
    channel = toSampleChannel({ origins: [listed] });
    expect(await readFrame(stranger)).toBe("");
    const nested = await withPage(around, async (page) => {
      await page.waitForTimeout(500);
      return Promise.all(page.frames().map((frame) => frame.content().catch(() => "")));
    });
    expect(nested.join()).not.toContain("drawn");
    channel = toSampleChannel({ origins: [] });
    expect(await readFrame(listed)).toBe("");
  });

  it("has nothing refused of its own, nor has the demo page, which sets no cookie and asks nobody else", async () => {
    channel = toSampleChannel({
      origins: [origin],
      demoPage: true,
      quickStarts: [{ title: "Order", text: "order 42" }],
    });
    for (const colorScheme of ["light", "dark"]) {
      const complaints: string[] = [];
      const asked = new Set<string>();
      await withPage(
        "about:blank",
        async (page) => {
          page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
          page.on("pageerror", (error) => complaints.push(error.message));
          page.on("request", (request) => asked.add(new URL(request.url()).origin));
          await page.goto(`${origin}/demo/${sampleChannelId}`);
          await page.evaluate(`document.body.append(Object.assign(document.createElement("iframe"),
            { src: "/embed/${sampleChannelId}", title: "Chat" }))`);
          expect(await page.frameLocator("iframe").locator("#chat").textContent()).toBe("drawn");
          expect(await page.evaluate("refused")).toEqual([]);
          await page.locator("iframe").evaluate((frame) => (frame as unknown as { remove(): void }).remove());
          await page.evaluate(axeSource);
          const found = (await page.evaluate("axe.run()")) as { violations: { id: string }[] };
          expect(found.violations.map(({ id }) => id)).toEqual([]);
        },
        { colorScheme },
      );
      expect(complaints).toEqual([]);
      expect([...asked]).toEqual([origin]);
    }
  });

  it("lets a reader of the demo page copy what it shows, and fits a small screen", async () => {
    channel = toSampleChannel({ origins: [origin], demoPage: true });
    await withPage(
      `${origin}/demo/${sampleChannelId}`,
      async (page) => {
        await page.getByRole("button", { name: "Copy Script with its integrity" }).click();
        // The browser copies in its own time.
        await page.getByRole("button", { name: "Copied" }).waitFor();
        expect(await page.getByRole("button", { name: "Copied" }).count()).toBe(1);
        expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
      },
      { viewport: { width: 360, height: 700 }, permissions: ["clipboard-write"] },
    );
  });
});
