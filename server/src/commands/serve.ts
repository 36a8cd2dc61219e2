// `parley serve` and `parley work`: the running product. Ctrl-C drains what is under way and stops what this process
// started; a second Ctrl-C ends at once.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compose, type Product } from "../compose.ts";
import { readConfig, readProcessEnvironment } from "../config.ts";
import { type Core, openCore } from "../core.ts";
import { isSetUpOpen, issueSetupCode } from "../domains/organisations/index.ts";
import { createLog, type Logger } from "../platform/log/log.ts";
import { toPublicUrl } from "../public-url.ts";
import type { Invocation } from "./command.ts";
import { type Demo, demoFile, keepDemo, seedDemo, toBaseUrl } from "./demo.ts";

/** Calls under way, jobs, letters and the database all have their own, shorter, limits. */
const stopMsMax = 60_000;

/** Resolves at the first request to stop. */
function waitForStop(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(130));
        resolve(signal);
      });
    }
  });
}

/** Ends the process should something that was told to stop never answer. What it held is taken over at the next start. */
function endAnyway(log: Logger): void {
  const end = (): void => {
    log.error({ waitedMs: stopMsMax }, "something did not stop in time; ending without it");
    process.exit(1);
  };
  setTimeout(end, stopMsMax).unref();
}

/** Where the first app's widget can be talked to: of this demo, or of the one that was made before. */
function findDemoPage(core: Core, made: Demo | undefined): string | undefined {
  const path = join(core.config.PARLEY_DATA_DIR, demoFile);
  if (made === undefined && !existsSync(path)) return undefined;
  const demo: Partial<Demo> = made ?? JSON.parse(readFileSync(path, "utf8"));
  // A demo that was made before there were web channels has none.
  const channels: Partial<Demo["apps"][number]["channels"]> = demo.apps?.[0]?.channels ?? {};
  return channels.web?.demoPageUrl;
}

function describeOwner(core: Core, { owner }: Demo): string[] {
  return [`Sign in at ${toPublicUrl(core.config)}/sign-in as ${owner.email} with the password ${owner.password}`];
}

async function welcome(product: Product, invocation: Invocation): Promise<readonly string[]> {
  const { core } = product;
  const isEmpty = await isSetUpOpen(core.database);
  if (invocation.has("demo")) {
    const demo = isEmpty ? await seedDemo(core, { outbound: product.outbound }) : undefined;
    if (demo !== undefined) keepDemo(core, demo);
    const page = findDemoPage(core, demo);
    return [
      ...(page === undefined ? [] : [`Talk to the demo bot in your browser:  ${page}`]),
      ...(demo === undefined ? [] : describeOwner(core, demo)),
      "Talk to it at the terminal:                 npm run parley -- chat",
      "See what the engine did with each message:  npm run parley -- chat --trace",
    ];
  }
  if (!isEmpty) return [];
  const code = await issueSetupCode(core.database, await core.installation.sealer());
  return [
    `Nobody lives here yet. Set-up code, valid once:  ${code}`,
    `Open ${toPublicUrl(core.config)}/set-up and enter it; you become the owner.`,
    "Without a browser:  npm run parley -- setup --code <code> --organisation <name> --app <name>",
  ];
}

async function run(invocation: Invocation, role: "serve" | "work"): Promise<void> {
  const startMs = performance.now();
  const config = readConfig(readProcessEnvironment());
  // From the first moment: whoever is told to stop while starting stops what was started by then.
  const stopping = waitForStop();
  const log = createLog({ level: config.PARLEY_LOG_LEVEL });
  const core = await openCore(config, log);
  try {
    const product = await compose(core, { works: !invocation.has("no-work"), isDemo: invocation.has("demo") });
    try {
      const at = role === "serve" ? { host: config.PARLEY_HOST, port: config.PARLEY_PORT } : undefined;
      const served = await product.start(at);
      const lines = role === "serve" ? await welcome(product, invocation) : [];
      const url = served === undefined ? undefined : toBaseUrl({ ...config, PARLEY_PORT: served.port });
      const readyMs = Math.round(performance.now() - startMs);
      invocation.print({ ready: true, pid: process.pid, url, readyMs }, () => {
        const first = url === undefined ? "Parley works." : `Parley serves on ${url} (ready in ${readyMs} ms).`;
        return [first, ...lines, "Ctrl-C stops it."].join("\n");
      });
      const signal = await stopping;
      log.info({ signal }, "stopping");
      endAnyway(log);
    } finally {
      await product.stop();
    }
  } finally {
    await core.close();
  }
}

/** `parley serve`. */
export const serve = (invocation: Invocation): Promise<void> => run(invocation, "serve");

/** `parley work`. */
export const work = (invocation: Invocation): Promise<void> => run(invocation, "work");
