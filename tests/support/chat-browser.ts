// The chat in a real browser: a server with the demo, a website of another origin that shows it, and a ledger of everything a
// page complains about, asks for, stores or opens. Parts of the widget are found by role and name, as people find them.

import { type KeyObject, randomUUID, sign } from "node:crypto";
import type { Browser, BrowserContext, BrowserContextOptions, Frame, Page } from "playwright-core";
import type { ChatBody } from "./chat.ts";
import { type ChatHouse, openChatHouse, type WebChange } from "./chat-house.ts";
import { readLoader, type Site, startSite } from "./chat-site.ts";
import { listenForComplaints, startBrowser } from "./people-browser.ts";

/** What a context has seen of its pages. */
export interface Ledger {
  /** Errors and warnings of the console, and what a policy refused, in the pages and in the frames. */
  readonly complaints: string[];
  readonly asked: string[];
  readonly dialogs: string[];
  /** Answers that wanted to set a cookie. */
  readonly cookies: string[];
}

const tellRefusals = `addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sample }) =>
  console.error("refused by policy:", effectiveDirective, blockedURI, sample, location.href));`;

/** Listens from here on. */
export async function keepLedger(context: BrowserContext): Promise<Ledger> {
  const ledger: Ledger = { complaints: listenForComplaints(context), asked: [], dialogs: [], cookies: [] };
  context.on("request", (request) => ledger.asked.push(request.url()));
  context.on("response", (response) => {
    if ("set-cookie" in response.headers()) ledger.cookies.push(response.url());
  });
  context.on("dialog", (dialog) => {
    ledger.dialogs.push(dialog.message());
    void dialog.dismiss().catch(() => undefined);
  });
  await context.addInitScript(tellRefusals);
  return ledger;
}

export interface ChatStage {
  readonly house: ChatHouse;
  readonly browser: Browser;
  /** Listed wherever `addChannel` is not told otherwise. */
  readonly site: Site;
  /** In no list. */
  readonly stranger: Site;
  /** The channel that the sites' pages show. */
  channelId: string;
  close(): Promise<void>;
}

/** Starts the server, the browser and both websites. */
export async function openChatStage(
  settings: Readonly<Record<string, string>> = {},
  starting: Promise<Browser> = startBrowser(),
): Promise<ChatStage> {
  const [house, browser] = await Promise.all([openChatHouse(settings), starting]);
  const options = { parley: house.server.url, loader: await readLoader(house), channelId: () => stage.channelId };
  const [site, stranger] = [await startSite(options), await startSite(options)];
  const stage: ChatStage = {
    ...{ house, browser, site, stranger, channelId: "" },
    close: async () => {
      await browser.close();
      await Promise.all([site.close(), stranger.close()]);
      await house.close();
    },
  };
  return stage;
}

type Texts = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A channel like the demo's, with its texts and its bot, for the listed site; and makes it the one that is shown. */
export async function showChannel(
  stage: ChatStage,
  web: WebChange & { readonly treeId?: string } = {},
): Promise<string> {
  const { house, site } = stage;
  const { treeId, ...change } = web;
  const demo = house.app.channels.web.channelId;
  const like = (await house.api("GET", `/api/v1/channels/${demo}/web`)).body as { texts: Texts; quickStarts: unknown };
  const { defaultTreeIds } = (await house.api("GET", `/api/v1/channels/${demo}`)).body as { defaultTreeIds: string[] };
  const { texts, quickStarts } = like;
  const channelId = await house.addChannel({ origins: [site.origin], texts, quickStarts, uploads: true, ...change });
  const trees = { defaultTreeIds: treeId === undefined ? defaultTreeIds : [treeId] };
  await expectGood(house.api("PATCH", `/api/v1/channels/${channelId}`, trees));
  stage.channelId = channelId;
  return channelId;
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** What a website's own server signs: who the visitor is (EdDSA, an Ed25519 key). */
export function signVisitor(key: KeyObject, channelId: string, claims: object): string {
  const now = Math.floor(Date.now() / 1000);
  const said = { aud: channelId, jti: randomUUID(), iat: now, exp: now + 300, ...claims };
  const signed = `${encode({ alg: "EdDSA", typ: "JWT" })}.${encode(said)}`;
  return `${signed}.${sign(null, Buffer.from(signed), key).toString("base64url")}`;
}

/** The body of an answer that is not a refusal. */
export async function expectGood(asked: ReturnType<ChatHouse["api"]>): Promise<Partial<ChatBody>> {
  const { status, body } = await asked;
  if (status >= 300) throw new Error(`refused with ${status}: ${JSON.stringify(body)}`);
  return body;
}

/** The frame of the chat, once the loader has made it. */
export async function findFrame(page: Page): Promise<Frame> {
  const handle = await page.waitForSelector('iframe[title="Chat"]', { state: "attached" });
  const frame = await handle.contentFrame();
  if (frame === null) throw new Error("the chat has no frame");
  return frame;
}

/** Calls the loader's object in the website's page. */
export function callParley(page: Page, name: string, ...args: readonly unknown[]): Promise<void> {
  return page.evaluate(
    ([method, values]) => {
      const { Parley } = globalThis as unknown as { Parley: Record<string, (...given: unknown[]) => void> };
      Parley[method as string]?.(...(values as unknown[]));
    },
    [name, args] as const,
  );
}

/** Keeps what the loader tells the website in `globalThis.told`, by event. */
export async function hearParley(page: Page, names: readonly string[]): Promise<void> {
  await page.evaluate((events) => {
    const told: [string, unknown][] = [];
    const { Parley } = globalThis as unknown as { Parley: { on(name: string, hear: (detail: unknown) => void): void } };
    for (const name of events) Parley.on(name, (detail) => told.push([name, detail]));
    Object.assign(globalThis, { told });
  }, names);
}

/** What was told of one event so far. */
export function listTold(page: Page, name: string): Promise<readonly Record<string, unknown>[]> {
  return page.evaluate((wanted) => {
    const { told } = globalThis as unknown as { told: [string, Record<string, unknown>][] };
    return told.filter(([one]) => one === wanted).map(([, detail]) => detail);
  }, name);
}

export interface OpenChat {
  readonly page: Page;
  readonly frame: Frame;
  /** Writes into the field and presses Enter. */
  say(text: string): Promise<void>;
  /** Waits until the conversation shows a text. */
  see(text: string | RegExp, timeoutMs?: number): Promise<void>;
  /** The texts of the conversation that match, from top to bottom. */
  list(pattern: RegExp): Promise<string[]>;
}

/** Every text of the conversation, in a frame. */
const listTexts = `(() => {
  const walker = document.createTreeWalker(document.querySelector("[role=region]"), NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode.nodeValue);
  return texts;
})()`;

/** What is done in a chat whose field can be written in. */
export async function holdChat(page: Page): Promise<OpenChat> {
  const frame = await findFrame(page);
  const log = frame.getByRole("region");
  const field = frame.getByRole("textbox");
  return {
    ...{ page, frame },
    async say(text) {
      await field.fill(text);
      await field.press("Enter");
    },
    see: (text, timeout = 10_000) => log.getByText(text).last().waitFor({ timeout }),
    list: async (pattern) => (await frame.evaluate<string[]>(listTexts)).filter((text) => pattern.test(text)),
  };
}

/** Goes to a page of a website and opens its chat. */
export async function openChat(page: Page, url: string): Promise<OpenChat> {
  await page.goto(url);
  await findFrame(page);
  await callParley(page, "open");
  const chat = await holdChat(page);
  await chat.frame.getByRole("dialog").waitFor();
  return chat;
}

/** A context with its ledger, closed afterwards. It never holds a cookie. */
export async function withContext<T>(
  browser: Browser,
  options: BrowserContextOptions,
  use: (context: BrowserContext, ledger: Ledger) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext({ reducedMotion: "reduce", locale: "en-GB", ...options });
  context.setDefaultTimeout(15_000);
  try {
    const ledger = await keepLedger(context);
    const result = await use(context, ledger);
    const cookies = await context.cookies();
    if (cookies.length > 0 || ledger.cookies.length > 0) {
      throw new Error(`cookies: ${JSON.stringify(cookies)} ${ledger.cookies.join()}`);
    }
    return result;
  } finally {
    await context.close();
  }
}

/** A visitor's page in a context of its own. Throws when a policy refused something, a dialog opened, or anybody but the site and Parley was asked. */
export function visitSite(
  stage: ChatStage,
  use: (page: Page, ledger: Ledger) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  return withContext(stage.browser, options, async (context, ledger) => {
    await use(await context.newPage(), ledger);
    const { complaints, dialogs } = ledger;
    const elsewhere = listElsewhere(ledger, [stage.site.origin, stage.house.server.url]);
    const faults = Object.entries({ complaints, dialogs, elsewhere }).filter(([, found]) => found.length > 0);
    if (faults.length > 0) throw new Error(`a visit was not clean: ${JSON.stringify(faults)}`);
  });
}

/** Those of the addresses a browser asked for that lie elsewhere. A blob's origin is that of the page that made it. */
export function listElsewhere({ asked }: Ledger, origins: readonly string[]): string[] {
  return asked.filter((url) => !origins.includes(new URL(url).origin));
}
