// The chat as a visitor meets it, in a real browser on the real server, on a website of another origin whose policy forbids
// everything but Parley: what is said and shown, files, and a person who takes over. Nothing may be refused by a policy, asked of
// anybody else, or kept in a cookie.

import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type ChatStage,
  expectGood,
  type Ledger,
  openChat,
  openChatStage,
  showChannel,
  visitSite,
} from "../support/chat-browser.ts";
import { findChromium } from "../support/people-browser.ts";

const isWithBrowser = findChromium("The chat is") !== undefined;

describe.skipIf(!isWithBrowser)("the chat on a website of another origin", { timeout: 60_000 }, () => {
  let stage: ChatStage;
  let url: string;

  beforeAll(async () => {
    stage = await openChatStage();
    url = `${stage.site.origin}/`;
  }, 120_000);

  afterAll(() => stage?.close());

  const visit = (use: (page: Page, ledger: Ledger) => Promise<void>): Promise<void> => visitSite(stage, use);

  it("says what buttons, quick replies, rows and cards offer, and takes what was answered away", async () => {
    await showChannel(stage);
    await visit(async (page) => {
      const { frame, say, see } = await openChat(page, url);
      const press = (name: string) => frame.getByRole("button", { name, exact: true }).last().click();
      await press("What can you do?");
      await press("Opening hours");
      await see("We answer from Monday to Friday, 9:00 to 18:00.");
      await say("quick");
      await press("Yes");
      await see("Thank you, that is good to hear.");
      expect(await frame.getByRole("button", { name: "Not really" }).count()).toBe(0);
      await say("list");
      await press("Show me");
      await frame.getByRole("dialog", { name: "Show me" }).getByRole("button", { name: "Cards" }).click();
      await frame.getByText("Desk lamp", { exact: true }).waitFor();
      await press("Choose the lamp");
      await see("Noted: Choose the lamp. This is a demo, so nothing was ordered.");
      const link = frame.getByRole("link", { name: "More about it" }).first();
      expect(await link.getAttribute("href")).toBe("https://parley.example/shop/lamp");
      expect([await link.getAttribute("target"), await link.getAttribute("rel")]).toEqual([
        "_blank",
        expect.stringContaining("noopener noreferrer"),
      ]);
    });
  });

  it("shows pictures, film, sound, places and formatted text, all of it from our origin", async () => {
    await showChannel(stage);
    await visit(async (page, { asked }) => {
      const { frame, say, see } = await openChat(page, url);
      await say("image");
      await see("A picture with a caption");
      const picture = frame.getByRole("img", { name: "A picture with a caption" });
      await expect
        .poll(() => picture.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth))
        .toBeGreaterThan(100);
      expect(await picture.getAttribute("src")).toMatch(/^blob:/);
      expect(asked.some((one) => /\/chat\/v1\/channels\/chn_\w+\/messages\/msg_\w+\/media\/0$/.test(one))).toBe(true);
      for (const [word, tag] of [
        ["video", "video"],
        ["audio", "audio"],
      ] as const) {
        await say(word);
        await frame.getByRole("button", { name: /^Play/ }).last().click();
        const player = frame.locator(tag);
        await expect
          .poll(() => player.evaluate((film) => (film as unknown as { duration: number }).duration))
          .toBeGreaterThan(0);
      }
      await say("location");
      await see("22.28190, 114.15820");
      await say("format");
      await see("a link");
      expect(await frame.getByRole("region").locator("strong", { hasText: "Bold" }).count()).toBe(1);
      expect(await frame.getByRole("region").getByRole("listitem").filter({ hasText: "another" }).count()).toBe(1);
    });
  });

  it("takes a file from the visitor and gives one, byte for byte", async () => {
    await showChannel(stage);
    await visit(async (page) => {
      const { frame, say, see } = await openChat(page, url);
      const chooser = page.waitForEvent("filechooser");
      await frame.getByRole("button", { name: "Attach files" }).click();
      const bytes = Buffer.from("A note of the visitor.\n".repeat(50));
      await (await chooser).setFiles({ name: "note.txt", mimeType: "text/plain", buffer: bytes });
      const row = frame.getByRole("region").getByRole("button", { name: "note.txt" });
      await row.waitFor();
      await say("file");
      await see("Our guide");
      const guide = readFileSync(new URL("../../server/src/commands/demo-files/guide.pdf", import.meta.url));
      for (const [name, wanted] of [
        ["note.txt", bytes],
        ["guide.pdf", guide],
      ] as const) {
        const coming = page.waitForEvent("download");
        await frame.getByRole("region").getByRole("button", { name }).click();
        const download = await coming;
        expect(download.suggestedFilename()).toBe(name);
        expect(readFileSync(await download.path()).equals(wanted)).toBe(true);
      }
    });
  });

  it("tells which file it does not take and why, and goes on", async () => {
    await showChannel(stage);
    await visit(async (page) => {
      const { frame, say, see } = await openChat(page, url);
      const chooser = page.waitForEvent("filechooser");
      await frame.getByRole("button", { name: "Attach files" }).click();
      const buffer = Buffer.from("<svg xmlns='http://www.w3.org/2000/svg' onload='globalThis.__xss=1'/>");
      await (await chooser).setFiles({ name: "drawing.svg", mimeType: "image/svg+xml", buffer });
      await frame.getByRole("alert").waitFor();
      expect(await frame.getByRole("alert").textContent()).toMatch(/not accepted|unsafe/);
      await frame.getByRole("button", { name: "Remove: drawing.svg" }).click();
      expect(await frame.getByRole("alert").count()).toBe(0);
      await say("order 7");
      await see("Order 7 received");
    });
  });

  it("hands over to a person and back, live both ways, and says who answers and how far a message came", async () => {
    const channelId = await showChannel(stage);
    const { house } = stage;
    await visit(async (page) => {
      const { frame, say, see } = await openChat(page, url);
      const isShown = (text: string | RegExp) =>
        frame.getByRole("banner").or(frame.locator("header")).getByText(text).waitFor();
      expect(await frame.getByText('You are talking to an automatic assistant. Write "agent"').count()).toBe(1);
      await say("agent");
      await see("A person will be with you shortly.");
      await isShown("Waiting for a person");
      const { items = [] } = await expectGood(house.api("GET", `/api/v1/conversations?channelId=${channelId}`));
      const [{ conversationId, mode }] = items as unknown as [{ conversationId: string; mode: string }];
      expect(mode).toBe("queued");
      const path = `/api/v1/conversations/${conversationId}`;
      await expectGood(house.api("POST", `${path}/take`, { agentName: "Ana" }));
      await isShown("You are talking to Ana");
      // Nobody who talks to a person is told it is a machine.
      expect(await frame.getByText("You are talking to an automatic assistant").count()).toBe(0);
      await expectGood(house.api("POST", `${path}/typing`, { isTyping: true }));
      await frame.getByRole("img", { name: "Ana is typing" }).waitFor();
      const messages = [{ type: "text", text: "How can I help?" }];
      await expectGood(house.api("POST", `${path}/messages`, { messages, agentName: "Ana" }));
      await frame.getByRole("group", { name: "Ana" }).getByText("How can I help?").waitFor();
      expect(await frame.getByRole("img", { name: "Ana is typing" }).count()).toBe(0);
      await frame.getByRole("textbox").pressSequentially("Is the lamp");
      await expect
        .poll(async () => (await house.api("GET", path)).body, { timeout: 5_000 })
        .toMatchObject({ isMemberTyping: true });
      await say("Is the lamp in stock?");
      const own = frame.getByRole("group", { name: "You" }).last();
      await own.getByText(/^(Sent|Delivered|Read)$/).waitFor();
      await expect
        .poll(async () => {
          const listed = await expectGood(house.api("GET", `${path}/messages`));
          const all = listed.items as unknown as { content: { text?: string }; status?: string }[];
          return all.find(({ content }) => content.text === "How can I help?")?.status;
        })
        .toBe("read");
      await expectGood(house.api("POST", `${path}/handBack`, {}));
      await frame.getByText("You are talking to an automatic assistant").waitFor();
      await say("order 8");
      await see("Order 8 received");
    });
  });
});
