// All processes of a run: the mock platform, the load generator, databases, floors and products. Everything that was opened
// is closed again in the opposite order, also after a failure or Ctrl-C.

import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { AppError } from "../../server/src/kernel/errors.ts";
import { Child } from "./child.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import { benchErrors } from "./errors.ts";
import type { RoundResult } from "./ledger.ts";
import type { LoadCommand, LoadReply } from "./load.ts";
import type { PlatformCommand, PlatformFigures, PlatformReady } from "./platform.ts";
import type { Bearer } from "./traffic.ts";

const startMsMax = 60_000;
const roundMsMax = 180_000;

const readyLine = z.object({
  ready: z.literal(true),
  pid: z.int().positive(),
  baseUrl: z.url(),
  apps: z
    .array(
      z.object({
        appId: z.string(),
        inboundUrl: z.url(),
        phoneNumberId: z.string().regex(/^\d{1,15}$/),
        appSecret: z.string(),
        channelSecret: z.string(),
      }),
    )
    .min(1),
});

export const protections = ["encryption", "rls", "trace"] as const;

export interface ServerOptions {
  readonly kind: "floor" | "product";
  readonly cluster: Cluster;
  readonly apps: number;
  readonly hasWebhook?: boolean;
  /** Left out of the product. */
  readonly without?: (typeof protections)[number];
}

/** A running floor or product. */
export interface Server {
  readonly kind: ServerOptions["kind"];
  readonly cluster: Cluster;
  readonly pid: number;
  readonly baseUrl: string;
  readonly apps: readonly Bearer[];
  readonly hasWebhook: boolean;
  stop(): Promise<void>;
}

interface Closable {
  close(): Promise<void>;
}

function parseReadyLine(line: string): z.infer<typeof readyLine> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return readyLine.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

export class Stage {
  readonly #profileDir: string | undefined;
  readonly #compileCacheDir = mkdtempSync(join(tmpdir(), "parley-bench-code-"));
  readonly #open: Closable[] = [];
  readonly #children = new Set<Child>();
  #platform: Child | undefined;
  #load: Child | undefined;
  #ports: PlatformReady | undefined;
  #isClosing = false;

  constructor(profileDir: string | undefined) {
    this.#profileDir = profileDir;
  }

  /** Starts the mock platform and the load generator. */
  async start(): Promise<void> {
    this.#platform = this.#startChild("platform.ts", []).child;
    this.#load = this.#startChild("load.ts", []).child;
    const [ports] = await Promise.all([
      this.#platform.receive<PlatformReady>(startMsMax),
      this.#load.receive<LoadReply>(startMsMax),
    ]);
    this.#ports = ports;
  }

  get pids(): { readonly platform: number; readonly load: number } {
    return { platform: this.#platform?.pid ?? 0, load: this.#load?.pid ?? 0 };
  }

  async openCluster(settings: Readonly<Record<string, string>> = {}): Promise<Cluster> {
    this.#assertOpen();
    const cluster = await openCluster(settings);
    return { ...cluster, close: this.#keep(cluster) };
  }

  /** Starts a floor or a product and waits until it serves. */
  async startServer(options: ServerOptions): Promise<Server> {
    const origin = `http://127.0.0.1:${this.#ports?.platformPort ?? 0}`;
    const { kind, cluster, apps, hasWebhook = false, without } = options;
    const args = ["--apps", String(apps), "--platform-url", origin, "--data-dir", cluster.dataDir];
    if (hasWebhook) args.push("--webhook-url", `${origin}/webhooks`);
    if (without !== undefined) args.push("--without", without);
    const { child, stop } = this.#startChild(`${kind}.ts`, args);
    const ready = await child.receiveLine(startMsMax, parseReadyLine);
    return { kind, cluster, hasWebhook, pid: ready.pid, baseUrl: ready.baseUrl, apps: ready.apps, stop };
  }

  /** Hands the load generator its round and makes ready; the returned function runs it. */
  async prepareRound(command: Omit<LoadCommand, "sightingsPort">): Promise<() => Promise<RoundResult>> {
    await this.#askLoad({ ...command, sightingsPort: this.#ports?.sightingsPort ?? 0 });
    return async () => {
      const reply = await this.#askLoad("start");
      if (reply.kind === "result") return reply.result;
      throw new AppError(benchErrors.child, { note: "the load generator has no result" });
    };
  }

  /** Tells the webhook receiver whose signatures to expect. */
  expectSignatures(apps: readonly Bearer[]): void {
    this.#platform?.send({ kind: "secrets", apps } satisfies PlatformCommand);
  }

  /** What the mock platform found odd since `expectSignatures`. */
  async readPlatform(): Promise<PlatformFigures | undefined> {
    this.#platform?.send({ kind: "figures" } satisfies PlatformCommand);
    return this.#platform?.receive<PlatformFigures>(startMsMax);
  }

  /** Ends everything this run started, the last first. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (let last = this.#open.at(-1); last !== undefined; last = this.#open.at(-1)) await last.close();
    await rm(this.#compileCacheDir, { recursive: true, force: true });
  }

  #assertOpen(): void {
    if (this.#isClosing) throw new AppError(benchErrors.stopped);
  }

  async #askLoad(message: LoadCommand | "start"): Promise<LoadReply> {
    const load = this.#load;
    if (load === undefined) throw new AppError(benchErrors.child, { note: "the load generator was not started" });
    load.send(message);
    const reply = await load.receive<LoadReply>(roundMsMax);
    if (reply.kind === "failed") throw this.#toFailure(reply.reason);
    return reply;
  }

  #startChild(file: string, args: readonly string[]): { readonly child: Child; stop(): Promise<void> } {
    this.#assertOpen();
    const child = new Child({ file, args, profileDir: this.#profileDir, compileCacheDir: this.#compileCacheDir });
    this.#children.add(child);
    const close = (): Promise<void> => {
      this.#children.delete(child);
      return child.stop();
    };
    return { child, stop: this.#keep({ close }) };
  }

  /** What the load generator says, and which process ended unasked: usually the cause. */
  #toFailure(reason: string): AppError {
    const ended = [...this.#children].map(({ failure }) => failure).filter((failure) => failure !== undefined);
    const detail = [`The load generator: ${reason}`, ...ended].join("\n");
    return new AppError(benchErrors.child, { detail, note: detail });
  }

  /** Remembers what to close, and returns the function that closes it earlier. Calling it again waits for the same end. */
  #keep(closable: Closable): () => Promise<void> {
    let closing: Promise<void> | undefined;
    const entry: Closable = {
      close: () => {
        closing ??= closable.close().finally(() => this.#open.splice(this.#open.indexOf(entry), 1));
        return closing;
      },
    };
    this.#open.push(entry);
    return entry.close;
  }
}
