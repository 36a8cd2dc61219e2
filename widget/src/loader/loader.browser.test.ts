// The loader in a real browser: a host's page under a strict policy on one origin, a frame that plays the chat on another.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildWidget } from "../../../scripts/build-widget.ts";
import { chromiumPath, startChromium } from "../../../server/src/pages/testing/chromium.ts";

const close = (server: Server) => new Promise<void>((done) => void server.close(() => done()));

/** Notes what the host says, and says what the test asks for by the `probe` key. */
const frameScript = `
  window.heard = [];
  window.say = (message) => parent.postMessage({ parley: 1, ...message }, "*");
  addEventListener("message", ({ data, origin }) => heard.push({ ...data, origin }));
  say({ type: "ready" });
`;

interface Stage {
  readonly hostUrl: string;
  readonly chatUrl: string;
  readonly stop: () => Promise<void>;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
  return (server.address() as AddressInfo).port;
}

async function raise(loader: string): Promise<Stage> {
  const chat = createServer((request, response) => {
    const isLoader = request.url === "/widget.js";
    response.setHeader("content-type", isLoader ? "text/javascript" : "text/html");
    response.end(
      isLoader ? loader : `<!doctype html><title>x</title><button>in</button><script>${frameScript}</script>`,
    );
  });
  const chatUrl = `http://127.0.0.1:${await listen(chat)}`;
  const tag = `<script async src="${chatUrl}/widget.js" data-channel="chn_1" data-open></script>`;
  const policy = [
    `default-src 'none'; script-src ${chatUrl}/widget.js; frame-src ${chatUrl}; base-uri 'none'`,
    "require-trusted-types-for 'script'; trusted-types 'none'",
  ].join("; ");
  const host = createServer((request, response) => {
    response.setHeader("content-type", "text/html");
    response.setHeader("content-security-policy", policy);
    const tags = request.url === "/twice" ? tag + tag : tag;
    response.end(`<!doctype html><html lang="en"><title>shop</title><button id="own">own</button>${tags}</html>`);
  });
  const hostUrl = `http://localhost:${await listen(host)}`;
  return { hostUrl, chatUrl, stop: async () => void (await Promise.all([close(chat), close(host)])) };
}

describe.skipIf(chromiumPath === undefined)("the loader in a browser", () => {
  let browser: Browser;
  let stage: Stage;

  beforeAll(async () => {
    const { files } = await buildWidget();
    stage = await raise(files.get("loader.js") ?? "");
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser.close();
    await stage.stop();
  });

  const visit = async (path = "/", viewport = { width: 1024, height: 768 }) => {
    const page = await browser.newPage({ viewport });
    const complaints: string[] = [];
    page.on("console", (message) => void complaints.push(message.text()));
    page.on("pageerror", (error) => void complaints.push(error.message));
    await page.goto(`${stage.hostUrl}${path}`);
    await page.waitForSelector("iframe", { state: "attached" });
    const frame =
      page.frames().find((one) => one.url().includes("/embed/")) ?? (await page.waitForEvent("frameattached"));
    await frame.waitForFunction("window.heard?.some(({ type }) => type === 'viewport')");
    return { page, frame, complaints };
  };
  const boxOf = (page: Page) => page.locator("iframe").boundingBox();
  const size = (state: string, width: number, height: number, side = "right") =>
    `say(${JSON.stringify({ type: "size", state, width, height, side })})`;

  it("works under a strict policy with Trusted Types: one global, one sandboxed frame, no violation", async () => {
    const { page, frame, complaints } = await visit();
    const heard = (await frame.evaluate("heard")) as { type: string; origin: string; name?: string }[];
    expect(heard[0]).toMatchObject({ parley: 1, type: "hello", origin: stage.hostUrl });
    expect(heard).toContainEqual(expect.objectContaining({ type: "command", name: "open" }));
    const found = await page.evaluate(() => {
      const frame = document.querySelector("iframe");
      const names = Object.keys(Reflect.get(globalThis, "Parley") as object).sort();
      return { sandbox: frame?.sandbox.value, title: frame?.title, allow: frame?.allow, names };
    });
    expect(found).toEqual({
      sandbox:
        "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads",
      title: "Chat",
      allow: "clipboard-write",
      names: ["close", "destroy", "identify", "on", "open", "send", "setLocale", "toggle"],
    });
    expect(complaints).toEqual([]);
    expect(await page.context().cookies()).toEqual([]);
    await page.close();
  });

  it("stands in its corner, and fills a small screen while open", async () => {
    const { page, frame } = await visit();
    expect(await boxOf(page)).toBeNull();
    await frame.evaluate(size("closed", 80, 90, "left"));
    await expect.poll(() => boxOf(page)).toEqual({ x: 0, y: 678, width: 80, height: 90 });
    await frame.evaluate(size("open", 400, 600));
    await expect.poll(() => boxOf(page)).toEqual({ x: 624, y: 168, width: 400, height: 600 });
    await page.setViewportSize({ width: 390, height: 700 });
    await expect.poll(() => boxOf(page)).toEqual({ x: 0, y: 0, width: 390, height: 700 });
    await page.close();
  });

  it("gives the focus back to the host's element that had it", async () => {
    const { page, frame } = await visit();
    await frame.evaluate(size("closed", 80, 90));
    await page.focus("#own");
    await frame.evaluate(size("open", 400, 600));
    const focused = () => page.evaluate(() => document.activeElement?.id ?? document.activeElement?.tagName);
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe("IFRAME");
    await frame.evaluate(size("closed", 80, 90));
    await expect.poll(focused).toBe("own");
    await page.close();
  });

  it("hears only its own frame, tells handlers and leaves nothing behind", async () => {
    const { page, frame } = await visit();
    await page.evaluate(() => {
      const parley = Reflect.get(globalThis, "Parley") as {
        on(name: string, run: (detail: unknown) => void): () => void;
      };
      const told: unknown[] = [];
      Reflect.set(globalThis, "told", told);
      parley.on("unread", (detail) => told.push(detail));
      parley.on("unread", () => told.push("never"))();
      // Another window of the page, and the page itself, are not the chat.
      postMessage({ parley: 1, type: "event", name: "unread", detail: "forged" }, "*");
    });
    await frame.evaluate('say({ type: "event", name: "unread", detail: { count: 2 } })');
    await frame.evaluate('say({ type: "event", name: "constructor" })');
    await expect.poll(() => page.evaluate(() => Reflect.get(globalThis, "told") as unknown)).toEqual([{ count: 2 }]);
    await page.evaluate(() => (Reflect.get(globalThis, "Parley") as { destroy(): void }).destroy());
    expect(await page.evaluate(() => [document.querySelector("iframe"), "Parley" in globalThis])).toEqual([
      null,
      false,
    ]);
    await page.close();
  });

  it("refuses a second chat on the page and says so", async () => {
    const { page, complaints } = await visit("/twice");
    await expect.poll(() => complaints).toEqual([expect.stringContaining("has a chat already")]);
    expect(await page.locator("iframe").count()).toBe(1);
    await page.close();
  });
});
