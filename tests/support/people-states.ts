// Every page that a journey came by, as it was answered: kept, to be judged by its headers and to be shown once more in a
// browser with script.

import { CspEvaluator } from "csp_evaluator/dist/evaluator.js";
import { CspParser } from "csp_evaluator/dist/parser.js";
import type { Browser, BrowserContext, Page, Response, Route } from "playwright-core";
import { scoreAnswer } from "../../server/src/pages/testing/observatory.ts";
import { findAxeViolations, listenForComplaints } from "./people-browser.ts";

export interface PageState {
  /** Address, title and whether it had something to say: two alike show the same. */
  readonly name: string;
  readonly url: string;
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly cookies: readonly string[];
  /** Empty for an answer that leads elsewhere. */
  readonly body: string;
}

async function toState(response: Response): Promise<PageState | undefined> {
  const status = response.status();
  // Asked for at once: the browser forgets what was navigated away from.
  const read = status >= 300 && status < 400 ? "" : response.text();
  const [listed, body] = await Promise.all([response.headersArray(), read]);
  const headers = new Map(listed.map(({ name, value }) => [name.toLowerCase(), value]));
  const isPage = headers.get("content-type")?.startsWith("text/html") === true;
  if (!isPage) return undefined;
  const title = /<title>([^<]*)<\/title>/.exec(body)?.[1] ?? "";
  const path = new URL(response.url()).pathname.replace(/\/invitation\/.*/, "/invitation/...");
  const name = `${path} ${status} "${title}" ${body.includes('id="notice"') ? "with a notice" : ""}`.trim();
  const cookies = listed.filter((one) => one.name.toLowerCase() === "set-cookie").map(({ value }) => value);
  return { name, url: response.url(), status, headers, cookies, body };
}

export interface StateBook {
  watch(context: BrowserContext): void;
  /** All that were kept so far. */
  read(): Promise<readonly PageState[]>;
}

export function createStateBook(): StateBook {
  const pending: Promise<PageState | undefined>[] = [];
  return {
    watch: (context) => {
      context.on("response", (response) => {
        if (response.request().resourceType() !== "document") return;
        const state = toState(response);
        // Whoever reads hears of it.
        state.catch(() => undefined);
        pending.push(state);
      });
    },
    read: async () => (await Promise.all(pending)).filter((state) => state !== undefined),
  };
}

/** The states that differ, by name. */
export function listDistinct(states: readonly PageState[]): readonly PageState[] {
  return [...new Map(states.filter(({ body }) => body !== "").map((state) => [state.name, state])).values()];
}

/** The tests of Mozilla's Observatory that the answer does not pass with full points, and what Google's evaluator finds. */
export function judgeHeaders({ headers, cookies, body }: PageState): string[] {
  const best: Record<string, number> = {
    ...{ "content-security-policy": 10, cookies: cookies.length > 0 ? 5 : 0, "cross-origin-resource-sharing": 0 },
    ...{ "referrer-policy": 5, "strict-transport-security": 0, "subresource-integrity": body === "" ? 0 : 5 },
    ...{ "x-content-type-options": 0, "x-frame-options": 5, "cross-origin-resource-policy": 10 },
    ...{ "cross-origin-opener-policy": 10, "cross-origin-embedder-policy": 10 },
  };
  const scores = scoreAnswer({ headers, cookies, body });
  const lost = Object.entries(scores).filter(([name, score]) => score !== best[name]);
  const parsed = new CspParser(headers.get("content-security-policy") ?? "").csp;
  const found = new CspEvaluator(parsed).evaluate().map((finding) => `csp_evaluator: ${finding.description}`);
  const isKept = headers.get("cache-control") !== "no-store";
  return [...lost.map(([name, score]) => `${name}: ${score}`), ...found, ...(isKept ? ["may be kept"] : [])];
}

function toAnswer(route: Route, { status, headers, body }: PageState): Promise<void> {
  const left = new Set(["set-cookie", "content-length", "transfer-encoding", "connection", "clear-site-data"]);
  const sent = Object.fromEntries([...headers].filter(([name]) => !left.has(name)));
  return route.fulfill({ status, headers: sent, body });
}

const pagesAtOnce = 3;

/** Shows every state with script, as it was answered, and tells what axe, the policy and the console have against it. */
export async function showAgain(browser: Browser, states: readonly PageState[]): Promise<string[]> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, reducedMotion: "reduce" });
  const complaints = listenForComplaints(context);
  await context.addInitScript(
    'window.refused = []; addEventListener("securitypolicyviolation", (e) => refused.push(e.violatedDirective))',
  );
  const left = [...states];
  const found: string[] = [];
  const work = async (): Promise<void> => {
    const page = await context.newPage();
    for (let state = left.shift(); state !== undefined; state = left.shift()) found.push(...(await show(page, state)));
  };
  await Promise.all(Array.from({ length: pagesAtOnce }, work));
  await context.close();
  return [...found, ...complaints];
}

async function show(page: Page, state: PageState): Promise<string[]> {
  await page.route(state.url, (route) => toAnswer(route, state));
  await page.goto(state.url);
  const refused: string[] = await page.evaluate("refused");
  const violations = await findAxeViolations(page);
  const isShown = state.body.includes(`<title>${await page.title()}</title>`);
  await page.unroute(state.url);
  return [...refused, ...violations, ...(isShown ? [] : ["was not shown"])].map((one) => `${state.name}: ${one}`);
}
