// How long a visitor waits for the bot: in a real browser on the real server, on a website of another origin.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWholeChromium } from "../../server/src/pages/testing/chromium.ts";
import { type ChatStage, openChat, openChatStage, showChannel, visitSite } from "../support/chat-browser.ts";
import { findChromium } from "../support/people-browser.ts";

const isWithBrowser = findChromium("How quick answers are is") !== undefined;
/** From the key press to the drawn answer; the median of several. */
const answerMs = 300;
const answerCount = 9;

/** In the frame: presses Enter as the machine does and tells when the answer was drawn. */
const timeAnswer = (text: string): string => `new Promise((done) => {
  let at;
  addEventListener("keydown", () => (at = performance.now()), { capture: true, once: true });
  const observer = new MutationObserver(() => {
    if (!document.querySelector("[role=region]").textContent.includes(${JSON.stringify(text)})) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - at)));
  });
  observer.observe(document.body, { childList: true, subtree: true, characterData: true });
})`;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Infinity;

describe.skipIf(!isWithBrowser)("the chat on a website of another origin", { timeout: 60_000 }, () => {
  let stage: ChatStage;

  beforeAll(async () => {
    stage = await openChatStage({}, startWholeChromium());
  }, 120_000);

  afterAll(() => stage?.close());

  it("answers in under 300 ms from the key press, also in a page that isolates itself", async () => {
    await showChannel(stage);
    for (const path of ["", "isolated"]) {
      await visitSite(stage, async (page) => {
        const { frame, say, see } = await openChat(page, `${stage.site.origin}/${path}`);
        await say("order 1");
        await see("Order 1 received");
        const field = frame.getByRole("textbox");
        const tookMs: number[] = [];
        for (let number = 42; number < 42 + answerCount; number += 1) {
          await field.fill(`order ${number}`);
          const timed = frame.evaluate<number>(timeAnswer(`Order ${number} received`));
          await field.press("Enter");
          tookMs.push(Math.round(await timed));
        }
        process.stdout.write(`The chat${path && `, ${path}`}: answers drawn after ${tookMs.join(", ")} ms\n`);
        expect(median(tookMs)).toBeLessThan(answerMs);
      });
    }
  });
});
