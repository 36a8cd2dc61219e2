// What strangers, bots, people who answer, websites and owners of channels may write, drawn by the widget in a real browser:
// none of it runs, loads anything from elsewhere, opens a dialog or becomes an element. A fair sample; `PARLEY_SUITE=whole`
// draws every payload.

import { generateKeyPairSync } from "node:crypto";
import { toFileName } from "@parley/engine";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type ChatStage,
  callParley,
  expectGood,
  findFrame,
  hearParley,
  listElsewhere,
  listTold,
  openChat,
  openChatStage,
  showChannel,
  signVisitor,
  visitSite,
  withContext,
} from "../support/chat-browser.ts";
import { findChromium } from "../support/people-browser.ts";
import { xssPayloads } from "../support/xss-payloads.ts";

const isWithBrowser = findChromium("Stored scripts are") !== undefined;
const isWhole = process.env["PARLEY_SUITE"] === "whole";
const payloads = xssPayloads.filter((_, index) => isWhole || index % 9 < 5).map(({ value }) => value);
const countMin = 120;
/** A visitor may say 20 things a minute and send 10 files in ten. */
const [textsPerVisitor, filesPerVisitor] = [18, 9];

/** Tells of a payload that ran, wherever it did. */
const trap = `Object.defineProperty(globalThis, "__xss", { set: (number) => console.error("a payload ran:", number) })`;

/** What the widget draws with, and what a text may become. */
const allowed = new Set(
  `a abbr article audio b bdi blockquote body br button circle code dd details div dl dt em form footer h1 h2 h3 header hr i img
  input kbd label li line link mark noscript ol option p path polyline pre progress rect s section select small span strong
  summary svg textarea time ul use video dialog`.split(/\s+/),
);

/** In the frame: the names of all elements, and what no element of the widget has. */
const readElements = `(() => {
  const all = [...document.body.querySelectorAll("*")];
  const isOdd = (node) => [...node.attributes].some(({ name, value }) =>
    name.startsWith("on") || name === "srcdoc" || name === "formaction" || name === "action" || name === "ping" ||
    (name === "href" && !value.startsWith("https://")) || (name === "src" && !/^(blob:|\\/widget\\/)/.test(value)) ||
    (name === "style" && /url|expression/.test(value)));
  return { names: [...new Set(all.map((node) => node.localName))], odd: all.filter(isOdd).map((node) => node.outerHTML.slice(0, 200)) };
})()`;

function chunk<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, at) => values.slice(at * size, (at + 1) * size));
}

const fits = (length: number) => (value: string) => value.length <= length && value.trim() !== "";
const isPlain = (value: string): boolean => !/[\p{C}\p{Zl}\p{Zp}]/u.test(value);
/** A title has 80 characters, and must differ from its neighbours'. */
const toTitles = (values: readonly string[]): string[] => [...new Set(values.filter(fits(80)))];
const film = "https://files.example/film.webm";

/** The payloads in every field of every message a bot can send. */
function toBotMessages(values: readonly string[]): object[] {
  const titles = toTitles(values);
  const urls = values.filter((value) => value.startsWith("https://") && URL.canParse(value));
  const files = values.map(toFileName).filter((name): name is string => name !== undefined && fits(200)(name));
  return [
    ...values.map((text) => ({ type: "TEXT", text })),
    ...values.map((caption) => ({ type: "VIDEO", url: film, caption })),
    ...values.filter(fits(256)).map((name) => ({ type: "LOCATION", latitude: 1, longitude: 2, name, address: name })),
    ...files.map((name) => ({ type: "FILE", url: "https://files.example/a.pdf", name, caption: name })),
    ...chunk(titles, 3).map((some) => ({
      type: "CAROUSEL",
      cards: some.map((title) => ({ title, text: title, buttons: [{ title, payload: title }] })),
    })),
    ...chunk(urls, 10).map((some) => ({
      type: "BUTTONS",
      text: "Links",
      buttons: some.map((url) => ({ title: url.slice(0, 80), url })),
    })),
    ...chunk(titles, 10).map((some) => ({
      ...{ type: "LIST", text: some[0], button: some[0] },
      sections: some.map((title) => ({ title, rows: [{ title, description: title, payload: title }] })),
    })),
    ...chunk(titles, 10).map((some) => ({
      type: "BUTTONS",
      text: some[0],
      buttons: some.map((title) => ({ title, payload: title })),
    })),
    ...chunk(titles, 10)
      .slice(0, 1)
      .map((some) => ({
        type: "QUICK_REPLIES",
        text: some[0],
        replies: some.map((title) => ({ title, payload: title })),
      })),
  ];
}

const keys = generateKeyPairSync("ed25519");
const publicKeysPem = [keys.publicKey.export({ type: "spki", format: "pem" }).toString()];

describe.skipIf(!isWithBrowser)(
  "CVE-2026-28445, CVE-2024-9148, CVE-2026-54302, CVE-2026-39964, CVE-2026-34718: a stored script in the widget",
  { timeout: isWhole ? 300_000 : 90_000 },
  () => {
    let stage: ChatStage;
    let url: string;
    const drawn = new Map<string, number>();

    beforeAll(async () => {
      stage = await openChatStage();
      url = `${stage.site.origin}/`;
    }, 120_000);

    afterAll(async () => {
      process.stdout.write(`Stored scripts drawn in the widget: ${JSON.stringify(Object.fromEntries(drawn))}\n`);
      await stage?.close();
    });

    const count = (place: string, more: number) => drawn.set(place, (drawn.get(place) ?? 0) + more);

    const visit = (use: (page: Page) => Promise<void>): Promise<void> => {
      const useTrapped = async (page: Page): Promise<void> => {
        await page.context().addInitScript(trap);
        await use(page);
        await judge(page);
        expect(page.context().pages()).toHaveLength(1);
      };
      return visitSite(stage, useTrapped, { permissions: [] });
    };

    /** Everything that is drawn is of the widget's own making. */
    async function judge(page: Page): Promise<void> {
      const frame = await findFrame(page);
      const { names, odd } = await frame.evaluate<{ names: string[]; odd: string[] }>(readElements);
      expect(names.filter((name) => !allowed.has(name))).toEqual([]);
      expect(odd).toEqual([]);
      expect(page.frames()).toHaveLength(2);
      expect(page.url()).toBe(url);
    }

    it("would be noticed: what runs, what is loaded, what is opened and what is drawn", async () => {
      await showChannel(stage);
      await withContext(stage.browser, { bypassCSP: true }, async (context, ledger) => {
        await context.addInitScript(trap);
        const { frame, page } = await openChat(await context.newPage(), url);
        await frame.evaluate(`document.body.append(Object.assign(document.createElement("img"), { src: "https://evil.example/1" }));
        document.body.append(Object.assign(document.createElement("object"), {})); globalThis.__xss = 1; alert(1)`);
        await page.evaluate("setTimeout(() => alert(2))");
        await expect.poll(() => ledger.dialogs).toEqual(["2"]);
        expect(ledger.complaints.join()).toContain("a payload ran: 1");
        // The frame's sandbox lets nothing of it open a dialog.
        expect(ledger.complaints.join()).toContain("Ignored call to 'alert()'");
        expect(listElsewhere(ledger, [stage.site.origin, stage.house.server.url])).toEqual(["https://evil.example/1"]);
        await expect(judge(page)).rejects.toThrow();
      });
    });

    it("is nothing but text, from the visitor, the bot and the person who answers, in every kind of message", async () => {
      expect(payloads.length).toBeGreaterThanOrEqual(countMin);
      for (const values of chunk(payloads, textsPerVisitor)) {
        const channelId = await showChannel(stage, { proofOfWork: "never" });
        await visit(async (page) => {
          const { frame } = await openChat(page, url);
          await hearParley(page, ["message"]);
          for (const value of values) await callParley(page, "send", value);
          count("visitor's texts", values.length);
          const names = values.filter((value) => fits(120)(value) && isPlain(value) && !/[/\\]/.test(value));
          const some = names.slice(0, filesPerVisitor);
          const files = some.map((name) => ({ name, mimeType: "text/plain", buffer: Buffer.from("A note.\n") }));
          await frame.locator("input[type=file]").setInputFiles(files);
          count("visitor's files", some.length);
          await answer(channelId, values);
          await frame.getByText("That is all.", { exact: true }).first().waitFor({ timeout: 20_000 });
          await openSheets(page);
        });
      }
      expect(drawn.get("bot's texts")).toBeGreaterThanOrEqual(countMin);
      expect(drawn.get("agent's texts")).toBeGreaterThanOrEqual(countMin);
    });

    /** The bot and then a person write everything they can. */
    async function answer(channelId: string, values: readonly string[]): Promise<void> {
      const { house } = stage;
      type Item = { conversationId: string; memberId: string };
      const list = async (): Promise<Item | undefined> =>
        ((await house.api("GET", `/api/v1/conversations?channelId=${channelId}`)).body.items as unknown as Item[])[0];
      await expect.poll(list, { timeout: 10_000 }).toBeDefined();
      const { conversationId, memberId } = (await list()) as Item;
      const well = values.filter((value) => value.isWellFormed() && !value.includes("\0"));
      for (const response of chunk(toBotMessages(well), 20)) {
        const headers = { authorization: `Bearer ${house.app.botToken}`, "content-type": "application/json" };
        const body = JSON.stringify({ channelId, memberId, response });
        const answered = await fetch(`${house.server.url}/bot/v1/sendResponses`, { method: "POST", headers, body });
        if (answered.status >= 300) throw new Error(`sendResponses: ${await answered.text()}`);
        count("bot's messages", response.length);
      }
      count("bot's texts", values.length);
      const path = `/api/v1/conversations/${conversationId}/messages`;
      const names = well.filter((value) => fits(80)(value) && isPlain(value));
      for (const [at, some] of chunk(well, 3).entries()) {
        const messages = some.map((text) => ({ type: "text", text }));
        const agentName = names[at % Math.max(names.length, 1)] ?? "Ana";
        await expectGood(house.api("POST", path, { messages, agentName }));
        count("agent's texts", some.length);
      }
      await expectGood(house.api("POST", path, { messages: [{ type: "text", text: "That is all." }] }));
    }

    /** Rows are drawn when their list is opened. */
    async function openSheets(page: Page): Promise<void> {
      const frame = await findFrame(page);
      const openers = frame.getByRole("region").locator("button[aria-haspopup=dialog]");
      for (const opener of await openers.all()) {
        await opener.evaluate((button) => (button as unknown as { click(): void }).click());
        await frame.locator("dialog[open]").waitFor();
        await judge(page);
        await page.keyboard.press("Escape");
        await frame.locator("dialog[open]").waitFor({ state: "detached" });
      }
      count("lists", await openers.count());
    }

    it("is nothing but a name, where a website says who the visitor is", async () => {
      const channelId = await showChannel(stage, { identity: { mode: "optional", publicKeysPem } });
      const names = payloads.filter(fits(200)).slice(0, isWhole ? payloads.length : countMin);
      const shown = (some: readonly string[], group: number): Promise<void> =>
        visit(async (page) => {
          const { frame } = await openChat(page, url);
          await hearParley(page, ["identified", "identityRefused"]);
          for (const [at, name] of some.entries()) {
            const claims = { sub: `customer-${group}-${at}`, name: name.toWellFormed() };
            await callParley(page, "identify", signVisitor(keys.privateKey, channelId, claims));
            const told = async (): Promise<number> => (await listTold(page, "identified")).length;
            await expect.poll(told, { interval: 10, timeout: 10_000 }).toBe(at + 1);
            if (at % 10 === 0) await judge(page);
          }
          await frame.getByText(/^Verified: /).waitFor();
          expect(await listTold(page, "identityRefused")).toEqual([]);
          count("visitors' names", some.length);
        });
      await Promise.all(chunk(names, Math.ceil(names.length / 3)).map(shown));
    });

    it("is nothing but text in what a channel says: title, greeting, consent, buttons to begin with", async () => {
      const fields = ["title", "subtitle", "greeting", "placeholder", "aiNotice", "offHours", "launcher", "consent"];
      const short = payloads.filter((value) => fits(60)(value) && isPlain(value));
      const values = [...short, ...short].slice(0, Math.max(short.length, countMin));
      const { house, site } = stage;
      const channelId = await showChannel(stage);
      for (const some of chunk(values, 16)) {
        const [texts, starts] = [some.slice(0, 8), [...new Set(some.slice(8))]];
        const own = Object.fromEntries(texts.map((text, at) => [fields[at], text]));
        await house.setWeb(channelId, {
          origins: [site.origin],
          texts: { en: { title: "Chat", consent: "We keep it.", ...own } },
          quickStarts: starts.map((text) => ({ title: text, text })),
          consentRequired: true,
          businessHours: { timeZone: "UTC", weekly: [] },
        });
        await visit(async (page) => {
          const { frame } = await openChat(page, url);
          await frame.getByRole("button", { name: "Agree and continue" }).waitFor();
          await judge(page);
          await frame.getByRole("button", { name: "Leave a message" }).click();
          await frame.locator("dialog[open]").waitFor();
          await judge(page);
          await page.keyboard.press("Escape");
          await frame.getByRole("button", { name: "Agree and continue" }).click();
          await frame.getByRole("textbox").waitFor();
          count("channel's texts", some.length);
        });
      }
      expect(drawn.get("channel's texts")).toBeGreaterThanOrEqual(countMin);
    });
  },
);
