// Every state of the widget in a real browser, under the policy of the embed page: accessible, quiet, whole at its widths,
// and of use with the keyboard alone. Needs Chromium; says so and skips where there is none.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, startChromium } from "../../../server/src/pages/testing/chromium.ts";
import { startWidgetPreview, type WidgetPreview } from "../../preview/serve.ts";

if (chromiumPath === undefined) {
  process.stderr.write("The widget is not tried in a browser: Chromium is not installed on this machine.\n");
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

describe.skipIf(chromiumPath === undefined)("the widget in a browser", { timeout: 180_000 }, () => {
  let browser: Browser;
  let preview: WidgetPreview;

  beforeAll(async () => {
    preview = await startWidgetPreview();
    browser = await startChromium();
  });

  afterAll(async () => {
    await browser?.close();
    await preview?.close();
  });

  async function withPage<T>(
    options: Parameters<Browser["newContext"]>[0],
    use: (page: Page, complaints: string[]) => Promise<T>,
  ): Promise<T> {
    const context = await browser.newContext({
      viewport: { width: 436, height: 756 },
      reducedMotion: "reduce",
      ...options,
    });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.addInitScript(
      'window.refused = []; addEventListener("securitypolicyviolation", (e) => refused.push(e.violatedDirective))',
    );
    try {
      return await use(page, complaints);
    } finally {
      await context.close();
    }
  }

  const open = async (page: Page, name: string, query = "") => {
    await page.goto(`${preview.origin}/states/${name}${query}`);
    await page.locator("button").first().waitFor();
  };

  async function findFaults(page: Page): Promise<unknown> {
    await page.waitForTimeout(60);
    return page.evaluate(
      'axe.run().then(({ violations }) => violations.map((v) => v.id + " " + v.nodes.map((n) => n.html + n.failureSummary).join("|")))',
    );
  }

  it("refuses nothing of its own under the policy of the embed page, in any state", async () => {
    await withPage({}, async (page, complaints) => {
      for (const name of preview.names) {
        await open(page, name);
        expect(await page.evaluate("refused"), name).toEqual([]);
        expect(await page.locator("#chat [style]:not([style^='--'])").count(), name).toBe(0);
      }
      expect(complaints).toEqual([]);
    });
  });

  const wide = { width: 1024, height: 800 };
  const narrow = { width: 360, height: 640 };
  const few = ["greeting", "conversation", "buttons", "uploads", "off-hours"];
  it.each([
    ["light", { colorScheme: "light" as const, viewport: wide }, "", undefined],
    [
      "dark, right to left, 360 px, touch",
      { colorScheme: "dark" as const, viewport: narrow, hasTouch: true },
      "?locale=ar",
      undefined,
    ],
    ["forced colours, 360 px", { forcedColors: "active" as const, viewport: narrow }, "", few],
  ])("has nothing that axe finds, and nothing that sticks out sideways: %s", async (_, options, query, names) => {
    await withPage({ ...options, bypassCSP: true }, async (page) => {
      await page.addInitScript(axeSource);
      for (const name of names ?? preview.names) {
        // In a page that frames it: that is where people run axe, and some of its rules are for whole pages.
        await page.goto(`${preview.origin}/host/${name}${query}`);
        const frame = page.frames()[1];
        await frame?.locator("button").first().waitFor();
        expect(await findFaults(page), name).toEqual([]);
        const isWhole = '[...document.querySelectorAll(".log")].every((log) => log.scrollWidth <= log.clientWidth)';
        expect(await frame?.evaluate(isWhole), name).toBe(true);
      }
    });
  });

  it.each([
    ["list", "Choose an order"],
    ["off-hours", "Leave a message"],
    ["image", "Open image: The lamp in oak"],
    ["verified", "Menu"],
  ])("has nothing that axe finds in what opens over the conversation: %s", async (name, button) => {
    await withPage({ bypassCSP: true }, async (page) => {
      await page.addInitScript(axeSource);
      await open(page, name);
      await page.getByRole("button", { name: button }).click();
      expect(await findFaults(page)).toEqual([]);
      await page.keyboard.press("Escape");
      expect(await page.getByRole("dialog").count()).toBe(1);
      expect(await page.getByRole("button", { name: button }).evaluate((node) => node === document.activeElement)).toBe(
        true,
      );
    });
  });

  it("has the focus in the composer inside a page that gives it to the frame", async () => {
    await withPage({ viewport: { width: 1024, height: 800 } }, async (page) => {
      await page.goto(`${preview.origin}/host/launcher`);
      const frame = page.frameLocator("iframe");
      await frame.getByRole("button", { name: "Open chat" }).click();
      const field = frame.getByRole("textbox");
      await expect.poll(() => field.evaluate((node) => node === document.activeElement)).toBe(true);
      await page.keyboard.type("order 42");
      expect(await field.inputValue()).toBe("order 42");
    });
  });

  it("CVE-2026-39964, CVE-2024-9148, CVE-2026-54302: shows hostile words as words: nothing runs, loads or leads away", async () => {
    await withPage({}, async (page, complaints) => {
      const elsewhere: string[] = [];
      page.on("request", (request) => {
        if (!request.url().startsWith(preview.origin) && !request.url().startsWith("blob:"))
          elsewhere.push(request.url());
      });
      await open(page, "hostile");
      await page.getByText("onload=hostile=1").first().waitFor();
      expect(await page.evaluate('"hostile" in window')).toBe(false);
      expect(
        await page.locator("a:not([href^='https://']), img:not([src^='blob:']), [onerror], [onload]").count(),
      ).toBe(0);
      expect(elsewhere).toEqual([]);
      expect(complaints).toEqual([]);
    });
  });

  it("keeps its place when older messages come above", async () => {
    await withPage({ viewport: { width: 400, height: 420 } }, async (page) => {
      await open(page, "conversation");
      const place =
        '(document.querySelector(".log").scrollTop = 10, document.querySelector(".bubble").getBoundingClientRect().top)';
      const before = Number(await page.evaluate(place));
      await page.waitForTimeout(60);
      await page.evaluate(`(() => {
        const { messages } = chat.getState();
        const older = [1, 2, 3].map((at) => ({ ...messages[0], key: "older" + at, at: messages[0].at - 9e7 + at }));
        window.kept = document.querySelector(".bubble");
        chat.change({ messages: [...older, ...messages] });
      })()`);
      await expect.poll(() => page.locator(".bubble").count()).toBe(8);
      expect(Number(await page.evaluate("kept.getBoundingClientRect().top"))).toBeCloseTo(before, -1);
    });
  });

  const asked = (page: Page) => page.evaluate("chat.asked");

  it("stays where the visitor reads when something comes below, and offers the way down", async () => {
    await withPage({ viewport: { width: 400, height: 420 } }, async (page) => {
      await open(page, "conversation");
      await page.evaluate('document.querySelector(".log").scrollTop = 0');
      await page.getByRole("button", { name: "Go to the newest message" }).waitFor();
      await page.evaluate('chat.receive({ type: "text", text: "One thing more" })');
      await page.getByRole("button", { name: "New messages" }).click();
      await expect.poll(() => page.getByRole("region").getByText("One thing more").isVisible()).toBe(true);
      await expect.poll(() => page.locator(".newest").count()).toBe(0);
    });
  });

  it("sends with Enter, breaks the line with Shift+Enter, and neither while an input method composes", async () => {
    await withPage({}, async (page) => {
      await open(page, "conversation");
      const field = page.getByRole("textbox");
      await field.focus();
      await page.keyboard.type("one");
      await page.keyboard.press("Shift+Enter");
      await page.keyboard.type("two");
      await field.dispatchEvent("keydown", { key: "Enter", isComposing: true });
      await field.dispatchEvent("keydown", { key: "Enter", keyCode: 229 });
      expect(await asked(page)).toEqual([]);
      await page.keyboard.press("Enter");
      expect(await asked(page)).toEqual(["send one\ntwo"]);
      expect(await field.inputValue()).toBe("");
    });
  });

  it("keeps a text that is too long, says by how much, and does not send it", async () => {
    await withPage({}, async (page) => {
      await open(page, "conversation");
      await page.getByRole("textbox").fill("x".repeat(4003));
      expect(await page.getByText("Too long by 3 characters").isVisible()).toBe(true);
      expect(await page.getByRole("button", { name: "Send" }).isDisabled()).toBe(true);
    });
  });

  it("sends nothing before consent, and then what was wanted", async () => {
    await withPage({}, async (page) => {
      await open(page, "consent");
      await page.getByRole("button", { name: "Where is my order?" }).click();
      expect(await asked(page)).toEqual([]);
      await expect.poll(() => page.evaluate("document.activeElement.textContent")).toBe("Agree and continue");
      await page.keyboard.press("Enter");
      expect(await asked(page)).toEqual(["payload order"]);
      await expect.poll(() => page.evaluate("document.activeElement.tagName")).toBe("TEXTAREA");
    });
  });

  it("walks among quick replies with the arrow keys as one stop of Tab, and takes them away once answered", async () => {
    await withPage({}, async (page) => {
      await open(page, "quick-replies");
      await page.getByRole("button", { name: "Yes, thanks" }).focus();
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("End");
      expect(await page.evaluate("document.activeElement.textContent")).toBe("Talk to a person");
      expect(await page.locator(".reply[tabindex='0']").count()).toBe(1);
      await page.keyboard.press("Enter");
      expect(await asked(page)).toEqual(["payload person"]);
      expect(await page.locator(".reply").count()).toBe(0);
    });
  });

  it("chooses from a list with the keyboard alone", async () => {
    await withPage({}, async (page) => {
      await open(page, "list");
      await page.getByRole("button", { name: "Choose an order" }).focus();
      await page.keyboard.press("Enter");
      expect(await page.evaluate("document.activeElement.textContent")).toContain("Order 42");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      expect(await asked(page)).toEqual(["payload 43"]);
      expect(await page.locator("dialog").count()).toBe(0);
    });
  });

  it("announces what comes once, and nothing that was there before", async () => {
    await withPage({}, async (page) => {
      await open(page, "conversation");
      const log = page.getByRole("log");
      expect(await log.textContent()).toBe("");
      await page.evaluate('chat.receive({ type: "text", text: "It is **here**" })');
      await page.evaluate('chat.receive({ type: "text", text: "Look" }, "agent")');
      await expect.poll(() => log.locator("p").allTextContents()).toEqual(["Assistant: It is here", "Team: Look"]);
    });
  });

  it("leaves the panel by Tab: no focus is trapped", async () => {
    await withPage({}, async (page) => {
      await open(page, "conversation");
      const seen = new Set<unknown>();
      for (let step = 0; step < 12; step += 1) {
        await page.keyboard.press("Tab");
        seen.add(
          await page.evaluate("document.activeElement === document.body ? 'out' : document.activeElement.tagName"),
        );
      }
      expect(seen).toContain("out");
    });
  });

  it("leaves a message off hours, and names the field that is wrong", async () => {
    await withPage({}, async (page) => {
      await open(page, "off-hours");
      await page.getByRole("button", { name: "Leave a message" }).click();
      await page.getByRole("textbox", { name: "E-mail" }).fill("grace");
      await page.locator("dialog .primary").click();
      expect(await page.getByText("Enter an e-mail address").isVisible()).toBe(true);
      await page.getByRole("textbox", { name: "E-mail" }).fill("grace@northwind.example");
      await page.locator("textarea.input").fill("Please call me");
      await page.locator("dialog .primary").click();
      await page.getByText("We will answer by e-mail").waitFor();
      expect(await asked(page)).toEqual(["contact grace@northwind.example"]);
    });
  });

  it("loads a picture as a blob of the chat, in a frame whose size does not change", async () => {
    await withPage({}, async (page) => {
      await open(page, "image");
      const frame = page.locator(".picture").first();
      const before = await frame.boundingBox();
      await page.locator(".picture img").first().waitFor();
      expect(await page.locator(".picture img").first().getAttribute("src")).toMatch(/^blob:/);
      expect(await frame.boundingBox()).toMatchObject({ height: before?.height, width: before?.width });
    });
  });

  it("takes files by the button, by paste and by drop", async () => {
    await withPage({}, async (page) => {
      await open(page, "conversation");
      await page
        .locator("input[type=file]")
        .setInputFiles({ name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("a") });
      await page.evaluate(`(() => {
        const data = new DataTransfer();
        data.items.add(new File(["b"], "b.png", { type: "image/png" }));
        const field = document.querySelector("textarea");
        field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        document.querySelector(".log").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
      })()`);
      expect(await asked(page)).toEqual(["upload a.txt", "upload b.png", "upload b.png"]);
    });
  });
});
