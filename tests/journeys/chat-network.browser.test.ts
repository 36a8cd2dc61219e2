// The chat on a bad network, in a real browser: thirty seconds without any, the server killed and started again, a tab closed
// and opened again, two tabs at once, storage that is refused. What was said stands in the conversation once and in its
// order, and every tab shows what the server holds.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumArgs, chromiumPath, startWholeChromium } from "../../server/src/pages/testing/chromium.ts";
import {
  type ChatStage,
  expectGood,
  type OpenChat,
  openChat,
  openChatStage,
  showChannel,
  withContext,
} from "../support/chat-browser.ts";
import { findChromium } from "../support/people-browser.ts";

const isWithBrowser = findChromium("The chat on a bad network is") !== undefined;
const cutMs = 30_000;
const said = /^(?:order \d+|Order \d+ received|News \d+)$/;

describe.skipIf(!isWithBrowser)("the chat on a bad network", { timeout: 180_000 }, () => {
  let stage: ChatStage;
  let url: string;
  let folder: string;
  let context: BrowserContext;
  let refusing: Browser;
  let channelId: string;

  beforeAll(async () => {
    stage = await openChatStage();
    url = `${stage.site.origin}/`;
    channelId = await showChannel(stage);
    // A browser with a profile, which keeps what a frame of a third party stores, apart for each website.
    folder = mkdtempSync(join(tmpdir(), "parley-profile-"));
    mkdirSync(join(folder, "Default"));
    writeFileSync(join(folder, "Default", "Preferences"), JSON.stringify({ profile: { cookie_controls_mode: 0 } }));
    const options = { executablePath: chromiumPath ?? "", args: chromiumArgs };
    context = await chromium.launchPersistentContext(folder, { ...options, locale: "en-GB" });
    context.setDefaultTimeout(20_000);
    refusing = await startWholeChromium();
  }, 120_000);

  afterAll(async () => {
    await Promise.all([context?.close(), refusing?.close()]);
    await stage?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const openTab = async (): Promise<OpenChat> => openChat(await context.newPage(), url);

  type Item = { conversationId: string; memberId: string };
  const listConversations = async (at: string): Promise<Item[]> =>
    (await expectGood(stage.house.api("GET", `/api/v1/conversations?channelId=${at}`))).items as unknown as Item[];

  /** What the one conversation of a channel holds, in its order. */
  async function readStored(at = channelId): Promise<string[]> {
    const conversations = await listConversations(at);
    expect(conversations).toHaveLength(1);
    const path = `/api/v1/conversations/${conversations[0]?.conversationId}/messages?first=100`;
    const { items = [] } = await expectGood(stage.house.api("GET", path));
    return items.map(({ content }) => content.text ?? "").toReversed();
  }

  /** The bot says something by itself. */
  async function tell(text: string): Promise<void> {
    const [item] = await listConversations(channelId);
    const headers = { authorization: `Bearer ${stage.house.app.botToken}`, "content-type": "application/json" };
    const body = JSON.stringify({ channelId, memberId: item?.memberId, response: [{ type: "TEXT", text }] });
    const answer = await fetch(`${stage.house.server.url}/bot/v1/sendResponses`, { method: "POST", headers, body });
    expect(answer.status).toBeLessThan(300);
  }

  /** Waits until each number was answered, then compares what the tabs show with what is stored. */
  async function compare(tabs: readonly OpenChat[], numbers: readonly number[], news: readonly string[] = []) {
    for (const tab of tabs) {
      for (const number of numbers) await tab.see(`Order ${number} received`, 40_000);
      for (const text of news) await tab.see(text, 40_000);
    }
    const stored = await readStored();
    for (const tab of tabs) expect(await tab.list(said)).toEqual(stored);
    expect(new Set(stored).size).toBe(stored.length);
    for (const number of numbers) {
      const [asked, answered] = [stored.indexOf(`order ${number}`), stored.indexOf(`Order ${number} received`)];
      expect(asked).toBeGreaterThanOrEqual(0);
      expect(answered).toBeGreaterThan(asked);
    }
    return stored;
  }

  const isInOrder = (stored: readonly string[], texts: readonly string[]): boolean =>
    texts.every((text, at) => at === 0 || stored.indexOf(text) > stored.indexOf(texts[at - 1] ?? ""));

  it("loses and doubles nothing: two tabs, 30 s without network, a killed server, a closed tab", async () => {
    const [one, two] = [await openTab(), await openTab()];
    await one.say("order 1");
    await one.see("Order 1 received");
    await two.say("order 2");
    await compare([one, two], [1, 2]);

    const cutAtMs = performance.now();
    await context.setOffline(true);
    await one.say("order 3");
    await one.say("order 4");
    await two.say("order 5");
    await tell("News 1");
    await one.frame
      .getByText(/^You are offline\./)
      .first()
      .waitFor();
    await wait(cutMs - (performance.now() - cutAtMs));
    expect(await readStored()).not.toContain("order 3");
    await context.setOffline(false);
    const afterCut = await compare([one, two], [1, 2, 3, 4, 5], ["News 1"]);
    expect(isInOrder(afterCut, ["order 2", "News 1", "order 3", "order 4"])).toBe(true);

    const restarted = stage.house.restart();
    await one.say("order 6");
    await one.say("order 7");
    await two.say("order 8");
    await restarted;
    const afterKill = await compare([one, two], [6, 7, 8]);
    expect(isInOrder(afterKill, ["order 5", "order 6", "order 7"])).toBe(true);

    // What was not sent when the tab was closed is sent by whichever tab is there next.
    await context.setOffline(true);
    await one.say("order 9");
    await one.page.close();
    await context.setOffline(false);
    await tell("News 2");
    const again = await openTab();
    await compare([again, two], [9], ["News 2"]);
    await Promise.all([again.page.close(), two.page.close()]);
    await tell("News 3");
    const last = await openTab();
    await last.say("order 10");
    const stored = await compare([last], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], ["News 1", "News 2", "News 3"]);
    process.stdout.write(`The chat on a bad network: ${stored.length} messages, each once and in order\n`);
    expect(stored).toHaveLength(23);
    expect(await context.cookies()).toEqual([]);
  });

  it("keeps what is written while the server is away, and says that it waits", async () => {
    const tab = await openTab();
    await stage.house.server.kill();
    await tab.say("order 11");
    await tab.frame
      .getByText("Sending", { exact: true })
      .or(tab.frame.getByText(/Waiting to be sent/))
      .first()
      .waitFor();
    await stage.house.restart();
    expect(await compare([tab], [11])).toHaveLength(25);
    await tab.page.close();
  });

  it.each([
    ["refused to frames of third parties by the browser", ""],
    [
      "taken away by an extension",
      `for (const name of ["localStorage", "sessionStorage", "indexedDB", "BroadcastChannel"]) Object.defineProperty(globalThis, name, { get() { throw new DOMException("denied", "SecurityError"); } })`,
    ],
  ])("works from memory where storage is %s", async (_how, script) => {
    const at = await showChannel(stage);
    await withContext(refusing, {}, async (private_, { complaints }) => {
      const page: Page = await private_.newPage();
      await page.addInitScript(script);
      const tab = await openChat(page, url);
      expect(
        await tab.frame.evaluate(
          "(() => { try { return localStorage.length } catch (error) { return error.name } })()",
        ),
      ).toBe("SecurityError");
      for (const number of [1, 2, 3]) await tab.say(`order ${number}`);
      await tab.see("Order 3 received");
      const shown = await tab.list(said);
      expect(shown).toHaveLength(6);
      expect(await readStored(at)).toEqual(shown);
      // Another page is another visit: nothing of the one before was kept.
      const next = await openChat(page, url);
      await next.frame.getByRole("button", { name: "Where is order 42?" }).click();
      await next.see("Order 42 received");
      expect(await next.list(said)).toEqual(["order 42", "Order 42 received"]);
      expect(complaints).toEqual([]);
    });
  });
});
