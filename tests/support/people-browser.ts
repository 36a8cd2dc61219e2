// A browser for the journeys of people: the system's Chromium, what it complains about, and the API as a script of the
// site's own origin would call it.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { chromiumPath, startChromium } from "../../server/src/pages/testing/chromium.ts";

/** Says why journeys are left out on a machine without the browser. */
export function findChromium(what: string): string | undefined {
  if (chromiumPath === undefined) {
    process.stderr.write(`${what} not tried in a browser: Chromium is not installed on this machine.\n`);
  }
  return chromiumPath;
}

export function startBrowser(): Promise<Browser> {
  return startChromium();
}

/** The status line of a refused post, which every browser writes; anything else is a complaint. */
const statusLine = /^Failed to load resource: the server responded with a status of 4\d\d /;

/** Everything the context's pages complain about from here on: mistakes of scripts, and what a policy refused. */
export function listenForComplaints(context: BrowserContext): string[] {
  const complaints: string[] = [];
  context.on("console", (message) => {
    const isBad = message.type() === "error" || message.type() === "warning";
    if (isBad && !statusLine.test(message.text())) complaints.push(`${message.page()?.url()}: ${message.text()}`);
  });
  context.on("weberror", (error) => complaints.push(error.error().message));
  return complaints;
}

export const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds in the page as it stands; needs a context with script. */
export async function findAxeViolations(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(
    'axe.run().then(({ violations }) => violations.map((v) => v.id + " " + v.nodes.map((n) => n.html).join("|")))',
  );
}

export interface ApiCall {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Calls the API by `fetch` inside the page, with the browser's own cookies and headers. The context bypasses the policy. */
export function callInPage(page: Page, call: ApiCall): Promise<ApiAnswer> {
  return page.evaluate(async ({ method, path, body, headers }: ApiCall) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const response = await fetch(path, { method, headers: { ...type, ...headers }, ...sent });
    const text = await response.text();
    return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
  }, call);
}

/** The header that changing requests of the page's session must carry. */
export async function readCsrf(page: Page): Promise<{ "x-parley-csrf": string }> {
  const { body } = await callInPage(page, { method: "GET", path: "/api/v1/account/session" });
  return { "x-parley-csrf": String(body["csrfToken"]) };
}

export interface Owner {
  readonly email: string;
  readonly password: string;
}

export const owner: Owner = { email: "grace@northwind.example", password: "seven lanterns over a quiet harbour" };

/** Fills the set-up page in and sends it. */
export async function setUpByPage(page: Page, origin: string, setupCode: string): Promise<void> {
  await page.goto(`${origin}/set-up`);
  await page.getByLabel("Set-up code").fill(setupCode);
  await page.getByLabel("Organisation").fill("Northwind");
  await page.getByLabel("First app").fill("Shop");
  await page.getByLabel("Your name").fill("Grace Hopper");
  await page.getByLabel("Your e-mail").fill(owner.email);
  await page.locator('input[name="password"]').fill(owner.password);
  await page.getByRole("button", { name: "Set up" }).click();
}

/** Fills the sign-in page in and sends it. */
export async function signInByPage(page: Page, origin: string, person: Owner = owner): Promise<void> {
  await page.goto(`${origin}/sign-in`);
  await page.getByLabel("E-mail").fill(person.email);
  await page.locator('input[name="password"]').fill(person.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}
