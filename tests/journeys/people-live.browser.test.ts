// An open event stream on the real server ends within a second of the session it was opened with, however that ends: read
// by a page in a browser, and by a program.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  callInPage,
  findChromium,
  owner,
  readCsrf,
  setUpByPage,
  signInByPage,
  startBrowser,
} from "../support/people-browser.ts";
import { type PeopleServer, startPeopleServer } from "../support/people-server.ts";
import { runCommand } from "../support/server.ts";

const isWithBrowser = findChromium("Event streams are") !== undefined;
const endMs = 1_000;

interface Stream {
  /** Resolves with everything that came, when the server closes it. */
  readonly ended: Promise<{ text: string; atMs: number }>;
}

/** Opens a stream with `fetch` in the page, its cookie in nobody's sight. Resolves once it is ready. */
async function openInPage(page: Page): Promise<Stream> {
  await page.evaluate(async () => {
    const response = await fetch("/api/v1/live");
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const first = await reader?.read();
    const rest = async (): Promise<string> => {
      let text = first?.value ?? "";
      for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) text += part.value;
      return text;
    };
    Object.assign(globalThis, { stream: rest() });
  });
  return { ended: page.evaluate<string>("window.stream").then((text) => ({ text, atMs: performance.now() })) };
}

/** The same from a program that has the cookie. */
async function openInProgram(origin: string, cookie: string): Promise<Stream> {
  const response = await fetch(`${origin}/api/v1/live`, { headers: { cookie } });
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
  const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
  let text = (await reader.read()).value ?? "";
  const rest = async (): Promise<{ text: string; atMs: number }> => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
    return { text, atMs: performance.now() };
  };
  return { ended: rest() };
}

describe.skipIf(!isWithBrowser)("an open event stream, on the real server", { timeout: 60_000 }, () => {
  let server: PeopleServer;
  let browser: Browser;
  /** Stays signed in and ends the sessions of others. */
  let keeper: Page;

  const newPage = async (): Promise<Page> => (await browser.newContext({ bypassCSP: true })).newPage();
  const atAccount = (page: Page) => page.getByRole("heading", { level: 1, name: "Your account" }).waitFor();

  beforeAll(async () => {
    [server, browser] = await Promise.all([startPeopleServer(), startBrowser()]);
    keeper = await newPage();
    await setUpByPage(keeper, server.origin, server.setupCode);
    await keeper.getByRole("link", { name: "Go to your account" }).click();
    await atAccount(keeper);
  }, 90_000);

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  interface Guest {
    readonly page: Page;
    readonly sessionId: string;
    readonly streams: readonly Stream[];
  }

  /** Another session with a stream open in its page, and one in a program. */
  async function enter(): Promise<Guest> {
    const page = await newPage();
    await signInByPage(page, server.origin);
    await atAccount(page);
    const { body } = await callInPage(page, { method: "GET", path: "/api/v1/account/session" });
    const cookies = await page.context().cookies();
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
    const streams = [await openInPage(page), await openInProgram(server.origin, cookie)];
    // The last test closes its page before its stream ends.
    for (const { ended } of streams) ended.catch(() => undefined);
    return { page, sessionId: String(body["sessionId"]), streams };
  }

  function toRow(sessionId: string): string {
    return sessionId.slice(sessionId.indexOf("_") + 1);
  }

  async function endByUser({ sessionId }: Guest): Promise<void> {
    const path = `/api/v1/account/sessions/${sessionId}`;
    const answer = await callInPage(keeper, { method: "DELETE", path, headers: await readCsrf(keeper) });
    expect(answer.status).toBe(204);
  }

  async function endOthers(): Promise<void> {
    await keeper.goto(`${server.origin}/account/sessions`);
    await keeper.getByRole("button", { name: "End all other sessions" }).click();
    await keeper.getByText("This one").waitFor();
  }

  async function signOut({ page }: Guest): Promise<void> {
    const headers = await readCsrf(page);
    expect((await callInPage(page, { method: "POST", path: "/api/v1/sign-out", headers })).status).toBe(200);
  }

  async function fallIdle({ sessionId }: Guest): Promise<void> {
    await server.query(
      `update sessions set seen_at = now() - make_interval(secs => idle_seconds + 1)
       where replace(session_id::text, '-', '') = $1`,
      [toRow(sessionId)],
    );
  }

  async function expire({ sessionId }: Guest): Promise<void> {
    await server.query("update sessions set ends_at = now() where replace(session_id::text, '-', '') = $1", [
      toRow(sessionId),
    ]);
  }

  it.each([
    ["was ended from another session", endByUser],
    ["was ended with all others, by the page's form", endOthers],
    ["signed out", signOut],
    ["fell idle", fallIdle],
    ["grew too old", expire],
  ])("SECURITY: ends within a second when its session %s", async (_how, end) => {
    const guest = await enter();
    await end(guest);
    const atMs = performance.now();
    for (const { ended } of guest.streams) {
      const { text, atMs: endedMs } = await ended;
      expect(text).toMatch(/^event: ready\n[^]*event: end\ndata: \{"reason":"session_ended"\}\n\n$/);
      expect(endedMs - atMs).toBeLessThan(endMs);
    }
    const { status } = await callInPage(guest.page, { method: "GET", path: "/api/v1/live" });
    expect(status).toBe(401);
    await guest.page.context().close();
  });

  it("SECURITY: ends within a second when an operator ends the person's sessions from another process", async () => {
    const guest = await enter();
    const command = ["admin", "sessions", "--end", "--email", owner.email, "--json"];
    const result = await runCommand(command, server.settings);
    const atMs = performance.now();
    expect(result.code, result.stderr).toBe(0);
    for (const { ended } of guest.streams) expect((await ended).atMs - atMs).toBeLessThan(endMs);
    await guest.page.context().close();
  });

  it("SECURITY: ends within a second when the person is disabled, and no other begins", async () => {
    const guest = await enter();
    await server.query("update users set status = 'disabled'");
    const atMs = performance.now();
    for (const { ended } of guest.streams) expect((await ended).atMs - atMs).toBeLessThan(endMs);
    const { status } = await callInPage(guest.page, { method: "GET", path: "/api/v1/live" });
    expect(status).toBe(401);
    await signInByPage(guest.page, server.origin);
    await guest.page.locator("#notice").waitFor();
    await guest.page.context().close();
  });

  it("stays open as long as its session lives", async () => {
    await server.query("update users set status = 'active'");
    const guest = await enter();
    const first = Promise.race([...guest.streams.map(({ ended }) => ended), wait(2_500)]);
    expect(await first).toBe("open");
    await guest.page.context().close();
  });

  const wait = (ms: number): Promise<"open"> => new Promise((resolve) => setTimeout(() => resolve("open"), ms));
});
