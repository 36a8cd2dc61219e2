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
const sampleOf = 24;
type From = keyof Attacker["pages"];
const everywhere = ["another site", "a sibling host", "another port of the host"] as const;

interface Attempt extends Defence {
  readonly from: readonly From[];
  readonly isForSessionsOnly?: boolean;
}

const defences: readonly Attempt[] = [
  { name: "with every layer", layers: all, cookies: strict, from: everywhere },
  { name: "without SameSite", layers: all, cookies: none, from: everywhere },
  { name: "without Fetch Metadata", layers: { ...all, fetchMetadata: false }, cookies: strict, from: everywhere },
  { name: "without the token", layers: { ...all, token: false }, cookies: strict, from: everywhere },
  { name: "with the token alone", layers: { ...all, fetchMetadata: false }, cookies: none, from: everywhere },
  { name: "with Fetch Metadata alone", layers: { ...all, token: false }, cookies: none, from: everywhere },
  // A sibling host is of the same site, and what needs no session needs no cookie: there the two other layers stand.
  {
    name: "with SameSite alone",
    layers: { fetchMetadata: false, token: false },
    cookies: strict,
    from: ["another site"],
    isForSessionsOnly: true,
  },
];

/** Attacks that work on a site without protection. */
const successes = [
  ["form, urlencoded", "/account/sessions/end-others"],
  ["fetch, no-cors", "/api/v1/account/sessions/end-others"],
  ["sendBeacon", "/api/v1/account/sessions/end-others"],
  ["XMLHttpRequest", "/api/v1/account/sessions/end-others"],
] as const;

describe.skipIf(!isWithBrowser)("a forged request", { timeout: isWhole ? 600_000 : 120_000 }, () => {
  let stage: ForgeryStage;
  let attacker: Attacker;
  let context: BrowserContext;
  let close: () => Promise<void>;
  /** A browser keeps connections that were never used; sites wait for those to go, all at once at the end. */
  const stopping: Promise<void>[] = [];
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
    await Promise.all([...stopping, attacker?.close()]);
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

  /** In a sample another part of the targets for each defence, place and encoding. */
  function pick(targets: readonly ForgeryTarget[], offset: number): readonly ForgeryTarget[] {
    return isWhole ? targets : targets.filter((_, index) => index % sampleOf === offset % sampleOf);
  }

  it.each(defences.map((defence, index) => ({ ...defence, index })))(
    "SECURITY: changes nothing, $name",
    async ({ index: number, ...defence }) => {
      const site = await stage.serve(defence);
      const tab = await signInVictim(site);
      const objects = await stage.prepare();
      const operations = listOperationTargets(site.origin, site.product.operations, objects);
      const forms = listPageTargets(site.origin, objects, stage.victim);
      expect(operations.length).toBeGreaterThan(50);
      const before = await stage.fingerprint();
      for (const [place, from] of defence.from.entries()) {
        const { page, encodings } = await openAttack(from);
        expect(encodings).toHaveLength(8);
        for (const [at, encoding] of encodings.entries()) {
          // A page may be read with GET: it is no form then.
          const known = encoding === "form, GET" ? operations : [...operations, ...forms];
          const meant = known.filter((target) => defence.isForSessionsOnly !== true || target.isSessions);
          const targets = pick(meant, number * 5 + place * 2 + at);
          expect(await forge(page, encoding, targets), encoding).toBe(targets.length);
          if (isWhole) expect(await stage.fingerprint(), `${from}: ${encoding}`).toEqual(before);
        }
        expect(await stage.fingerprint(), from).toEqual(before);
        await page.close();
      }
      await tab.reload();
      await tab.getByRole("heading", { name: "Your account" }).waitFor();
      await tab.close();
      stopping.push(site.stop());
    },
  );

  it("succeeds with every layer away, so that these tests can fail", async () => {
    const site = await stage.serve({ name: "", layers: { fetchMetadata: false, token: false }, cookies: none });
    await signInVictim(site);
    const { page } = await openAttack("another site");
    for (const [encoding, path] of successes) {
      const { sessionId } = await stage.prepare();
      const before = await stage.fingerprint();
      await forge(page, encoding, [{ name: path, method: "POST", url: `${site.origin}${path}`, isSessions: true }]);
      await expect.poll(() => readEnd(sessionId)).toBe("ended_by_user");
      const after = await stage.fingerprint();
      const changed = Object.keys(after).filter((table) => after[table] !== before[table]);
      expect(changed, encoding).toEqual(expect.arrayContaining(["audit_entries", "sessions"]));
    }
    stopping.push(site.stop());
  });

  async function readEnd(sessionId: string): Promise<string | null | undefined> {
    const rows = await stage.query<{ end_reason: string | null }>(
      "select end_reason from sessions where replace(session_id::text, '-', '') = $1",
      [sessionId.slice(sessionId.indexOf("_") + 1)],
    );
    return rows[0]?.end_reason;
  }
});
