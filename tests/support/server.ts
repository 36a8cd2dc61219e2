// The product as its users run it: a process of its own, started from the command line, killed at will.

import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

const main = join(import.meta.dirname, "..", "..", "server", "src", "main.ts");

export interface DemoChannel {
  readonly channelId: string;
  readonly inboundUrl: string;
  readonly channelSecret: string;
}

export interface DemoApp {
  readonly appId: string;
  readonly botToken: string;
  readonly channels: {
    readonly whatsapp: DemoChannel & {
      readonly phoneNumberId: string;
      readonly appSecret: string;
      readonly verifyToken: string;
    };
    readonly custom: DemoChannel;
    readonly web: {
      readonly channelId: string;
      readonly embedUrl: string;
      readonly demoPageUrl: string;
      readonly origins: readonly string[];
    };
  };
  readonly tree: { readonly treeId: string; readonly headNode: string };
  readonly webhook?: { readonly endpointId: string; readonly url: string; readonly secret: string };
}

export interface Demo {
  readonly baseUrl: string;
  readonly organisationId: string;
  readonly apps: readonly DemoApp[];
}

export type Settings = Readonly<Record<string, string>>;

function toEnvironment(settings: Settings): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, ...settings };
}

/** Runs a command to its end; `input` is piped in. */
export function runCommand(
  args: readonly string[],
  settings: Settings,
  input = "",
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [main, ...args], {
    env: toEnvironment(settings),
    stdio: ["pipe", "pipe", "pipe"],
  });
  // A command that ends without reading breaks the pipe.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  return new Promise((resolve) => {
    child.once("close", (code) => {
      resolve({ code: code ?? -1, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    });
  });
}

/** A port nobody listens on. */
export async function findPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

export interface RunningServer {
  readonly url: string;
  readonly pid: number;
  readonly readyMs: number;
  /** Everything it printed so far. */
  output(): string;
  /** kill -9. */
  kill(): Promise<void>;
  /** As Ctrl-C does. Returns the exit code. */
  stop(): Promise<number>;
}

function waitForExit(child: ChildProcess): Promise<number> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode ?? -1);
  return new Promise((resolve) => child.once("exit", (code) => resolve(code ?? -1)));
}

/** Starts `parley serve` and waits until it is ready. Throws with what it printed when it ends instead. */
export function startServer(settings: Settings, args: readonly string[] = []): Promise<RunningServer> {
  const options = { env: toEnvironment(settings), stdio: ["ignore", "pipe", "pipe"] as ("ignore" | "pipe")[] };
  const child = spawn(process.execPath, [main, "serve", "--json", ...args], options);
  let printed = "";
  const output = (): string => printed;
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      printed += chunk.toString();
      const line = printed.split("\n").find((one) => one.startsWith('{"ready":true'));
      if (line === undefined) return;
      const { url, pid, readyMs } = JSON.parse(line) as { url: string; pid: number; readyMs: number };
      const end = (signal: NodeJS.Signals) => async (): Promise<number> => {
        child.kill(signal);
        return waitForExit(child);
      };
      resolve({ url, pid, readyMs, output, kill: async () => void (await end("SIGKILL")()), stop: end("SIGINT") });
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
    });
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${printed}`)));
  });
}

/** The postmaster of a data folder. */
export function readPostmasterPid(dataDir: string): number {
  return Number(readFileSync(join(dataDir, "postgres", "postmaster.pid"), "utf8").split("\n")[0]);
}
