// The chat and the website around it, in a real browser: who may frame it, what the website's script can do and hear, consent,
// who the visitor is, languages and looks. The website is of another origin and its policy forbids everything but Parley.

import { generateKeyPairSync } from "node:crypto";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type ChatStage,
  callParley,
  expectGood,
  findFrame,
  hearParley,
  holdChat,
  listTold,
  openChat,
  openChatStage,
  showChannel,
  signVisitor,
  visitSite,
  withContext,
} from "../support/chat-browser.ts";
import { countStored } from "../support/database.ts";
import { findChromium } from "../support/people-browser.ts";

const isWithBrowser = findChromium("The chat and its website are") !== undefined;
const stored = ["members", "visitors", "conversations", "messages", "files"] as const;
const keys = generateKeyPairSync("ed25519");
const identity = {
  mode: "optional",
  publicKeysPem: [keys.publicKey.export({ type: "spki", format: "pem" }).toString()],
};

describe.skipIf(!isWithBrowser)("the chat and the website around it", { timeout: 60_000 }, () => {
  let stage: ChatStage;
  let url: string;

  beforeAll(async () => {
    stage = await openChatStage();
    url = `${stage.site.origin}/`;
  }, 120_000);

  afterAll(() => stage?.close());

  const visit = (use: (page: Page) => Promise<void>, options = {}): Promise<void> => visitSite(stage, use, options);

  /** What the frame of a page shows once the browser has said why it refuses it. */
  async function readRefused(address: string, reason: RegExp): Promise<string[]> {
    return withContext(stage.browser, {}, async (context, { complaints }) => {
      const page = await context.newPage();
      await page.goto(address);
      await expect.poll(() => complaints.join(), { timeout: 10_000 }).toMatch(reason);
      const [, frame] = page.frames();
      return (await frame?.locator("#chat").allTextContents()) ?? [];
    });
  }

  it("SECURITY: is shown by a listed website; the browser refuses it to others, and to everybody where none is listed", async () => {
    const channelId = await showChannel(stage);
    const path = `${stage.stranger.origin}/framing`;
    for (const address of [path, `${stage.stranger.origin}/`]) {
      expect(await readRefused(address, /frame-ancestors/)).toEqual([]);
    }
    await visit(async (page) => {
      await openChat(page, url);
    });
    await stage.house.setWeb(channelId, { origins: [] });
    for (const address of [path, url, `${stage.site.origin}/framing`]) {
      expect(await readRefused(address, /frame-ancestors|X-Frame-Options/i)).toEqual([]);
    }
  });

  it("SECURITY: opened by itself, shows nothing of the channel", async () => {
    const channelId = await showChannel(stage);
    await withContext(stage.browser, {}, async (context) => {
      const page = await context.newPage();
      const answer = await page.goto(`${stage.house.server.url}/embed/${channelId}`);
      expect(answer?.status()).toBe(403);
      expect(await page.locator("body").textContent()).not.toContain("Demo shop");
      expect(await page.locator("script, #chat").count()).toBe(0);
    });
  });

  it("does what the website's script asks, tells it what happens, and goes when it is told to", async () => {
    await showChannel(stage);
    await visit(async (page) => {
      await page.goto(url);
      const frame = await findFrame(page);
      await hearParley(page, ["ready", "open", "close", "message", "unread"]);
      const panel = frame.getByRole("dialog");
      await callParley(page, "open");
      await panel.waitFor();
      await callParley(page, "toggle");
      await frame.getByRole("button", { name: "Chat with us" }).waitFor();
      await callParley(page, "send", "order 42");
      await expect
        .poll(() => listTold(page, "message"))
        .toMatchObject([{ from: "bot", content: { text: "Order 42 received" } }]);
      await frame.getByRole("button", { name: /Unread messages: 1/ }).waitFor();
      expect(await listTold(page, "unread")).toEqual([{ count: 1 }]);
      await callParley(page, "toggle");
      await panel.waitFor();
      await callParley(page, "close");
      await panel.waitFor({ state: "hidden" });
      await expect
        .poll(async () => [(await listTold(page, "open")).length, (await listTold(page, "close")).length])
        .toEqual([2, 2]);
      expect(await page.evaluate("Object.keys(globalThis).filter((name) => /parley/i.test(name))")).toEqual(["Parley"]);
      await callParley(page, "destroy");
      expect([await page.locator("iframe").count(), await page.evaluate("typeof Parley")]).toEqual([0, "undefined"]);
    });
  });

  it("refuses a second element on a page with a line in the console, and the first goes on", async () => {
    await showChannel(stage);
    await withContext(stage.browser, {}, async (context, { complaints }) => {
      const { page, say, see } = await openChat(await context.newPage(), `${url}twice`);
      expect(await page.locator("iframe").count()).toBe(1);
      expect(complaints).toEqual([expect.stringContaining("this page has a chat already")]);
      await say("order 1");
      await see("Order 1 received");
    });
  });

  it("SECURITY: stores nothing, here or there, before the visitor has agreed", async () => {
    const texts = { en: { title: "Shop", consent: "We keep **what you write** for a year." } };
    await showChannel(stage, { consentRequired: true, texts, quickStarts: [] });
    const countAll = () => Promise.all(stored.map((table) => countStored(stage.house.dataDir, table)));
    const before = await countAll();
    await visit(async (page) => {
      const { frame, see, say } = await openChat(page, url);
      await frame.getByText("what you write").waitFor();
      expect(await frame.getByRole("textbox").count()).toBe(0);
      await callParley(page, "send", "order 13");
      await page.waitForTimeout(500);
      expect(await countAll()).toEqual(before);
      await frame.getByRole("button", { name: "Agree and continue" }).click();
      await say("order 14");
      await see("Order 14 received");
      expect(await countAll()).not.toEqual(before);
      expect(await frame.getByText("order 13", { exact: true }).count()).toBe(0);
    });
  });

  it("SECURITY: shows a visitor the website vouches for as verified, and never merges them with who was there before", async () => {
    const channelId = await showChannel(stage, { identity });
    await visit(async (page) => {
      const { frame, say, see, list } = await openChat(page, url);
      await hearParley(page, ["identified", "identityRefused", "nonce"]);
      await say("order 1");
      await see("Order 1 received");
      expect(await frame.getByText(/^Verified/).count()).toBe(0);
      await callParley(page, "identify", `${signVisitor(keys.privateKey, channelId, { sub: "ada" }).slice(0, -4)}AAAA`);
      await expect.poll(async () => (await listTold(page, "identityRefused")).length).toBe(1);
      const jwt = signVisitor(keys.privateKey, channelId, { sub: "ada", name: "Ada Okafor" });
      await callParley(page, "identify", jwt);
      await frame.getByText("Verified: Ada Okafor").waitFor();
      expect(await listTold(page, "identified")).toEqual([{ name: "Ada Okafor" }]);
      await say("order 2");
      await see("Order 2 received");
      expect(await list(/^order \d/)).toEqual(["order 2"]);
    });
    type Item = { memberId: string; isVerified: boolean; memberName?: string };
    const { items } = await expectGood(stage.house.api("GET", `/api/v1/conversations?channelId=${channelId}`));
    const all = items as unknown as Item[];
    expect(new Set(all.map(({ memberId }) => memberId)).size).toBe(2);
    expect(all.map(({ isVerified }) => isVerified).toSorted()).toEqual([false, true]);
  });

  it("speaks the visitor's language and that the website asks for, from right to left too", async () => {
    await showChannel(stage);
    await visit(
      async (page) => {
        const { frame } = await openChat(page, url);
        await frame.getByRole("heading", { name: "Tienda de demostración" }).waitFor();
        for (const [locale, heading, direction] of [
          ["ar", "متجر تجريبي", "rtl"],
          ["zh-Hant", "示範商店", "ltr"],
          ["en", "Demo shop", "ltr"],
        ] as const) {
          await callParley(page, "setLocale", locale);
          await frame.getByRole("heading", { name: heading, level: 1 }).waitFor();
          const root = await frame.evaluate("[document.documentElement.lang, document.documentElement.dir]");
          expect(root).toEqual([locale, direction]);
        }
        await callParley(page, "setLocale", "ar");
        const chat = await holdChat(page);
        await chat.say("order 42");
        await chat.see("Order 42 received");
        const place = (text: string) => chat.frame.getByRole("region").getByText(text, { exact: true }).boundingBox();
        const [own, bot] = await Promise.all([place("order 42"), place("Order 42 received")]);
        expect(own?.x).toBeLessThan(bot?.x ?? 0);
      },
      { locale: "es-ES" },
    );
  });

  it("is dark where the visitor wants it dark, and still where they want it still", async () => {
    await showChannel(stage);
    const look = async (options: object): Promise<{ light: number; moves: number }> => {
      let seen = { light: 0, moves: 0 };
      await visit(async (page) => {
        const { frame, say, see } = await openChat(page, url);
        await say("order 1");
        await see("Order 1 received");
        seen = await frame.evaluate(`(() => {
          const panel = document.querySelector("[role=dialog]");
          const [red, green, blue] = getComputedStyle(panel).backgroundColor.match(/[\\d.]+/g).map(Number);
          const last = (text) => Math.max(...text.split(",").map((part) => parseFloat(part)));
          const moves = [...document.querySelectorAll("*")].filter((node) => {
            const style = getComputedStyle(node);
            return last(style.animationDuration) > 0.01 || last(style.transitionDuration) > 0.01;
          }).length;
          return { light: (red + green + blue) / 3, moves };
        })()`);
      }, options);
      return seen;
    };
    const day = await look({ colorScheme: "light", reducedMotion: "no-preference" });
    const night = await look({ colorScheme: "dark", reducedMotion: "reduce" });
    expect(day.light).toBeGreaterThan(200);
    expect(night.light).toBeLessThan(70);
    expect(day.moves).toBeGreaterThan(0);
    expect(night.moves).toBe(0);
  });
});
