// Requests that another page makes somebody's browser send: every changing operation and every form, in eight encodings,
// from another site, a sibling host and another port, with layers of the protection taken away. What counts is the
// database: not one row may change.

import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Attacker,
  createForgeryStage,
  type Defence,
  type ForgeryStage,
  type Site,
  startAttacker,
  startTrustingBrowser,
} from "../support/forgery-stage.ts";
import { type ForgeryTarget, listOperationTargets, listPageTargets } from "../support/forgery-targets.ts";
import { findChromium, signInByPage } from "../support/people-browser.ts";
import { isWhole } from "../support/size.ts";

const isWithBrowser = findChromium("Forged requests are") !== undefined;
const [strict, none] = [{ sameSite: "Strict" }, { sameSite: "None" }] as const;
const all = { fetchMetadata: true, token: true };
const atOnce = 6;
type From = keyof Attacker["pages"];
const everywhere = ["another site", "a sibling host", "another port of the host"] as const;

const defences: readonly (Defence & { from: readonly From[] })[] = [
  { name: "with every layer", layers: all, cookies: strict, from: everywhere },
  { name: "without SameSite", layers: all, cookies: none, from: everywhere },
  { name: "without Fetch Metadata", layers: { ...all, fetchMetadata: false }, cookies: strict, from: everywhere },
  { name: "without the token", layers: { ...all, token: false }, cookies: strict, from: everywhere },
  { name: "with the token alone", layers: { ...all, fetchMetadata: false }, cookies: none, from: everywhere },
  { name: "with Fetch Metadata alone", layers: { ...all, token: false }, cookies: none, from: everywhere },
  // A sibling host is of the same site: against it the two other layers stand.
  {
    name: "with SameSite alone",
    layers: { fetchMetadata: false, token: false },
    cookies: strict,
    from: ["another site"],
  },
];

describe.skipIf(!isWithBrowser)("a forged request", { timeout: 120_000 }, () => {
  let stage: ForgeryStage;
  let attacker: Attacker;
  let context: BrowserContext;
  let close: () => Promise<void>;
  let count = 0;

  beforeAll(async () => {
    [stage, attacker, { context, close }] = await Promise.all([
      createForgeryStage(),
      startAttacker(),
      startTrustingBrowser(),
    ]);
  }, 120_000);

  afterAll(async () => {
    process.stdout.write(`forgery: ${count} requests\n`);
    await close?.();
    await attacker?.close();
    await stage?.close();
  });

  /** The victim signs in, and keeps the site open in a tab. */
  async function signInVictim(site: Site): Promise<Page> {
    await context.clearCookies();
    await stage.forgetPasskeys();
    const page = await context.newPage();
    await signInByPage(page, site.origin, stage.victim);
    await page.getByRole("heading", { name: "Your account" }).waitFor();
    return page;
  }

  async function openAttack(from: From): Promise<{ page: Page; encodings: string[] }> {
    const page = await context.newPage();
    await page.goto(attacker.pages[from]);
    return { page, encodings: await page.evaluate<string[]>("window.encodings") };
  }

  async function forge(page: Page, encoding: string, targets: readonly ForgeryTarget[]): Promise<number> {
    count += targets.length;
    const args = [encoding, targets, atOnce].map((one) => JSON.stringify(one)).join(", ");
    return page.evaluate<number>(`forge(${args})`);
  }

  /** In a sample every third target from each place, another third in each encoding. */
  function pick(targets: readonly ForgeryTarget[], at: number, places: number): readonly ForgeryTarget[] {
    return isWhole || places === 1 ? targets : targets.filter((_, index) => index % places === at % places);
  }

  it.each(defences)("SECURITY: changes nothing, $name", async (defence) => {
    const site = await stage.serve(defence);
    const tab = await signInVictim(site);
    const objects = await stage.prepare();
    const operations = listOperationTargets(site.origin, site.product.operations, objects);
    const pages = listPageTargets(site.origin, objects, stage.victim);
    expect(operations.length).toBeGreaterThan(50);
    const before = await stage.fingerprint();
    for (const [place, from] of defence.from.entries()) {
      const { page, encodings } = await openAttack(from);
      const t0 = performance.now(); const lap: string[] = [];
      expect(encodings).toHaveLength(8);
      for (const [index, encoding] of encodings.entries()) {
        // A page is read with GET; what it does then changes nothing of the victim's.
        const targets = pick(
          encoding === "form, GET" ? operations : [...operations, ...pages],
          place + index,
          defence.from.length,
        );
        expect(await forge(page, encoding, targets), encoding).toBe(targets.length);
        lap.push(`${encoding} ${targets.length} ${Math.round(performance.now()-t0)}`);
        expect(await stage.fingerprint(), `${from}: ${encoding}`).toEqual(before);
      }
      await page.close();
      console.log(from, lap.join(' | '), Math.round(performance.now()-t0));
    }
    await tab.reload();
    await tab.getByRole("heading", { name: "Your account" }).waitFor();
    await tab.close();
    await site.stop();
  });

  it.each([
    ["a form posted to a page", "form, urlencoded", "/account/sessions/end-others"],
    ["a request without a body", "fetch, no-cors", "/api/v1/account/sessions/end-others"],
    ["a beacon", "sendBeacon", "/api/v1/account/sessions/end-others"],
  ])("succeeds with every layer away, so that these tests can fail: %s", async (_what, encoding, path) => {
    const site = await stage.serve({ name: "", layers: { fetchMetadata: false, token: false }, cookies: none });
    const tab = await signInVictim(site);
    const { sessionId } = await stage.prepare();
    const before = await stage.fingerprint();
    const { page } = await openAttack("another site");
    await forge(page, encoding, [{ name: path, method: "POST", url: `${site.origin}${path}` }]);
    const readReason = async () => {
      const rows = await stage.query<{ session_id: string; end_reason: string | null }>(
        "select session_id, end_reason from sessions where ended_at is not null",
      );
      return rows.find((row) => row.session_id.replaceAll("-", "") === sessionId.slice(5))?.end_reason;
    };
    await expect.poll(readReason).toBe("ended_by_user");
    const after = await stage.fingerprint();
    const changed = Object.keys(after).filter((table) => after[table] !== before[table]);
    expect(changed).toEqual(expect.arrayContaining(["audit_entries", "sessions"]));
    await Promise.all([tab.close(), page.close(), site.stop()]);
  });
});
