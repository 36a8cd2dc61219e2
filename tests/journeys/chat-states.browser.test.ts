// Every state of the chat in its real frame on a website: axe finds nothing in light and in dark, the keyboard alone is
// enough, what comes is announced once, and the focus goes back to where the visitor was.

import type { BrowserContext, Frame, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type ChatStage,
  callParley,
  findFrame,
  openChat,
  openChatStage,
  showChannel,
  withContext,
} from "../support/chat-browser.ts";
import { axeSource, findChromium } from "../support/people-browser.ts";

const isWithBrowser = findChromium("The states of the chat are") !== undefined;
/** Frames answer a page of any origin, as accessibility tools let them. */
const axe = `${axeSource}; axe.configure({ allowedOrigins: ["<unsafe_all_origins>"] });`;
const judge = `axe.run().then(({ violations }) => violations.map((one) => one.id + " " + one.nodes.map(({ html, target }) =>
  target.join(" ") + " " + html.slice(0, 160)).join(" | ")))`;

describe.skipIf(!isWithBrowser)("every state of the chat", { timeout: 90_000 }, () => {
  let stage: ChatStage;
  let url: string;
  let judged = 0;

  beforeAll(async () => {
    stage = await openChatStage();
    url = `${stage.site.origin}/`;
  }, 120_000);

  afterAll(async () => {
    process.stdout.write(`The chat: ${judged} states judged by axe\n`);
    await stage?.close();
  });

  /** The website's page with the frame within it. */
  async function expectClean(page: Page, state: string): Promise<void> {
    await page.waitForTimeout(50);
    expect(await page.evaluate<string[]>(judge), state).toEqual([]);
    judged += 1;
  }

  const visit = (colorScheme: "light" | "dark", use: (page: Page, context: BrowserContext) => Promise<void>) =>
    withContext(stage.browser, { colorScheme, bypassCSP: true }, async (context) => {
      await context.addInitScript(axe);
      await use(await context.newPage(), context);
    });

  const choose = async (page: Page, frame: Frame, name: string, text: string): Promise<void> => {
    const chooser = page.waitForEvent("filechooser");
    await frame.getByRole("button", { name: "Attach files" }).click();
    await (await chooser).setFiles({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
  };

  it.each(["light", "dark"] as const)(
    "has nothing that axe finds, %s: from the launcher to the end",
    async (scheme) => {
      const before = judged;
      await showChannel(stage);
      await visit(scheme, async (page, context) => {
        await page.goto(url);
        await (await findFrame(page)).getByRole("button", { name: "Chat with us" }).waitFor();
        await expectClean(page, "launcher");
        const { frame, say, see } = await openChat(page, url);
        await frame.getByRole("button", { name: "Show me products" }).waitFor();
        await expectClean(page, "greeting");
        for (const [word, text] of [
          ["format", "a link"],
          ["image", "A picture with a caption"],
          ["file", "Our guide"],
          ["location", "Our shop"],
          ["carousel", "Desk lamp"],
          ["quick", "Was this useful?"],
        ] as const) {
          await say(word);
          await see(text);
        }
        await expectClean(page, "conversation, carousel");
        await choose(page, frame, "note.txt", "A note.\n");
        await frame.getByRole("region").getByRole("button", { name: "note.txt" }).waitFor();
        await choose(page, frame, "drawing.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>");
        await frame.getByRole("alert").waitFor();
        await expectClean(page, "upload, refused");
        await frame.getByRole("button", { name: "Remove: drawing.svg" }).click();
        await say("list");
        await frame.getByRole("button", { name: "Show me", exact: true }).click();
        await frame.getByRole("dialog", { name: "Show me" }).waitFor();
        await expectClean(page, "list");
        await page.keyboard.press("Escape");
        await frame.getByRole("button", { name: "Menu", exact: true }).click();
        await expectClean(page, "menu");
        await page.keyboard.press("Escape");
        await context.setOffline(true);
        await say("order 1");
        await frame
          .getByText(/^You are offline\./)
          .first()
          .waitFor();
        await expectClean(page, "offline");
        await context.setOffline(false);
        await see("Order 1 received", 20_000);
        for (let number = 0; number < 20; number += 1) await callParley(page, "send", `order ${number}`);
        await frame
          .getByText(/^That was a lot at once/)
          .first()
          .waitFor();
        await expectClean(page, "limited");
        await frame.getByRole("button", { name: "Menu", exact: true }).click();
        await frame.getByRole("button", { name: "End chat" }).click();
        await frame.getByRole("dialog", { name: "End chat" }).getByRole("button", { name: "End chat" }).click();
        await frame.getByRole("button", { name: "Start again" }).waitFor();
        await expectClean(page, "ended");
      });
      expect(judged - before).toBe(9);
    },
  );

  it.each(["light", "dark"] as const)("has nothing that axe finds, %s: consent, the form, an error", async (scheme) => {
    const before = judged;
    const texts = { en: { title: "Shop", consent: "We keep **what you write** for a year." } };
    const closed = { businessHours: { timeZone: "UTC", weekly: [] } };
    const channelId = await showChannel(stage, { texts, consentRequired: true, ...closed });
    await visit(scheme, async (page) => {
      const { frame, say } = await openChat(page, url);
      await frame.getByRole("button", { name: "Agree and continue" }).waitFor();
      await expectClean(page, "consent");
      await frame.getByRole("button", { name: "Leave a message" }).click();
      const form = frame.getByRole("dialog", { name: "Leave a message" });
      await form.getByRole("textbox", { name: "E-mail" }).fill("grace");
      await form.getByRole("button", { name: "Agree and continue" }).click();
      await frame.getByText("Enter an e-mail address such as").waitFor();
      await expectClean(page, "form with mistakes");
      await page.keyboard.press("Escape");
      await frame.getByRole("button", { name: "Agree and continue" }).click();
      await stage.house.api("PATCH", `/api/v1/channels/${channelId}`, { enabled: false });
      await say("order 1");
      await frame.getByText("This chat is closed at the moment.").first().waitFor();
      await expectClean(page, "error: switched off");
    });
    expect(judged - before).toBe(3);
  });

  it("is used by the keyboard alone, announces what comes once, and gives the focus back to the website", async () => {
    await showChannel(stage);
    await withContext(stage.browser, {}, async (context) => {
      const page = await context.newPage();
      await page.goto(url);
      const frame = await findFrame(page);
      await page.getByRole("button", { name: "Ask us" }).focus();
      await callParley(page, "open");
      const log = frame.getByRole("region");
      const type = async (text: string): Promise<void> => {
        await expect.poll(() => frame.evaluate("document.activeElement.tagName")).toBe("TEXTAREA");
        await page.keyboard.type(text);
        await page.keyboard.press("Enter");
      };
      const current = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText";
      const goTo = async (words: RegExp, key: string): Promise<void> => {
        for (let step = 0; step < 30; step += 1) {
          if (words.test(String(await frame.evaluate(current)))) return page.keyboard.press("Enter");
          await page.keyboard.press(key);
        }
        throw new Error(`the keyboard does not reach ${words}`);
      };
      const back = async (): Promise<void> => {
        for (let step = 0; step < 30; step += 1) {
          if ((await frame.evaluate("document.activeElement.tagName")) === "TEXTAREA") return;
          await page.keyboard.press("Tab");
        }
      };
      await type("order 42");
      await log.getByText("Order 42 received").waitFor();
      await type("quick");
      await log.getByText("Was this useful?").waitFor();
      await goTo(/^Yes$/, "Shift+Tab");
      await log.getByText("Thank you, that is good to hear.").waitFor();
      await back();
      await type("list");
      await log.getByText("Every kind of message").waitFor();
      await goTo(/^Show me$/, "Shift+Tab");
      await goTo(/^Cards/, "Tab");
      await log.getByText("Desk lamp").waitFor();
      await back();
      await goTo(/^Choose the lamp$/, "Shift+Tab");
      await log.getByText("Noted: Choose the lamp.").waitFor();
      await back();
      const chooser = page.waitForEvent("filechooser");
      await goTo(/^Attach files$/, "Shift+Tab");
      await (await chooser).setFiles({ name: "note.txt", mimeType: "text/plain", buffer: Buffer.from("A note.\n") });
      await log.getByRole("button", { name: "note.txt" }).waitFor();
      await goTo(/^Menu$/, "Shift+Tab");
      await frame.getByRole("button", { name: "End chat" }).waitFor();
      await page.keyboard.press("Escape");
      await frame.getByRole("button", { name: "End chat" }).waitFor({ state: "hidden" });
      const told = await frame.getByRole("log").locator("p").allTextContents();
      expect(told.filter((words) => words.includes("Noted: Choose the lamp."))).toHaveLength(1);
      expect(new Set(told).size).toBe(told.length);
      await page.keyboard.press("Escape");
      await frame.getByRole("dialog").waitFor({ state: "hidden" });
      await expect.poll(() => page.evaluate("document.activeElement.textContent")).toBe("Ask us");
    });
  });
});
