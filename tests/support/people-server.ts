// The product as its first owner meets it: an empty server in a process of its own, started without `--json`, that prints a
// set-up code; its letters where an operator finds them; and a look into its database past every barrier.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { createTestDatabase } from "../../server/src/platform/db/testing/test-database.ts";
import { getKeptMail, type KeptMail, listKeptMail, toOutboxDir } from "../../server/src/platform/mail/index.ts";
import { makeDataDir } from "./data-dir.ts";
import { queryStored } from "./database.ts";
import { findPort, type Settings } from "./server.ts";

const root = join(import.meta.dirname, "..", "..");
const main = join(root, "server", "src", "main.ts");
const certificates = join(root, "server/src/platform/outbound/test-certificates");
const tryMs = 50;
const letterMs = 15_000;

export interface PeopleServer {
  /** How browsers reach it: a name, because passkeys belong to names. */
  readonly origin: string;
  readonly settings: Settings;
  /** As the server printed it. */
  readonly setupCode: string;
  /** The `number`th letter to this address whose subject holds these words, once it was sent. */
  waitForLetter(to: string, words: string, number?: number): Promise<KeptMail>;
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  stop(): Promise<number>;
}

/** The path and query of the first link of a letter. */
export function findLink(letter: KeptMail): string {
  const link = /https?:\/\/\S+/.exec(letter.text)?.[0];
  if (link === undefined) throw new Error(`no link in the letter "${letter.subject}"`);
  const { pathname, search } = new URL(link);
  return `${pathname}${search}`;
}

function waitForCode(child: ChildProcess): Promise<string> {
  let printed = "";
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      printed += chunk.toString();
      const code = /Set-up code, valid once:\s+([0-9A-Z-]{29})\n/.exec(printed)?.[1];
      if (code !== undefined && printed.includes("Ctrl-C stops it.")) resolve(code);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${printed}`)));
  });
}

async function findLetters(dataDir: string, to: string, words: string): Promise<string[]> {
  const heads = await listKeptMail(toOutboxDir(dataDir), 100);
  return heads.filter((head) => head.to === to && head.subject.includes(words)).map(({ id }) => id);
}

async function waitForLetter(dataDir: string, wanted: { to: string; words: string; number: number }) {
  const endMs = performance.now() + letterMs;
  while (performance.now() < endMs) {
    const id = (await findLetters(dataDir, wanted.to, wanted.words)).toReversed()[wanted.number - 1];
    if (id !== undefined) return getKeptMail(toOutboxDir(dataDir), id);
    await new Promise((resolve) => setTimeout(resolve, tryMs));
  }
  const all = await listKeptMail(toOutboxDir(dataDir), 100);
  throw new Error(`no letter "${wanted.words}"; there are: ${all.map(({ subject }) => subject).join(", ")}`);
}

type Query = PeopleServer["query"];

/** The database it brings along, or a copy of the tests' template, which is there at once. */
async function openDatabase(dataDir: string, isEmbedded: boolean) {
  if (isEmbedded) {
    const query: Query = (text, values) => queryStored(dataDir, text, values);
    return { settings: {}, query, close: async () => undefined };
  }
  const { connection, asAdmin, close } = await createTestDatabase();
  const { host, user, database } = connection;
  const url = `postgres://${user}@localhost/${database}?host=${encodeURIComponent(host)}`;
  const query: Query = asAdmin;
  return { settings: { DATABASE_URL: url }, query, close };
}

export interface PeopleServerOptions {
  /** With the test certificate. */
  readonly isTls?: boolean;
  readonly isEmbedded?: boolean;
}

/** Starts an empty server. */
export async function startPeopleServer(options: PeopleServerOptions = {}): Promise<PeopleServer> {
  const { isTls = false, isEmbedded = false } = options;
  const dataDir = isEmbedded ? await makeDataDir() : mkdtempSync(join(tmpdir(), "parley-people-"));
  const database = await openDatabase(dataDir, isEmbedded);
  const port = String(await findPort());
  const origin = `${isTls ? "https" : "http"}://localhost:${port}`;
  const tls = {
    PARLEY_TLS_CERT: join(certificates, "server.cert.pem"),
    PARLEY_TLS_KEY: join(certificates, "server.key.pem"),
  };
  const settings: Settings = {
    ...{ PARLEY_DATA_DIR: dataDir, PARLEY_PORT: port, PARLEY_PUBLIC_URL: origin, PARLEY_LOG_LEVEL: "warn" },
    ...{ ...database.settings, ...(isTls ? tls : {}) },
  };
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [main, "serve"], {
    env: { PATH, HOME, ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const setupCode = await waitForCode(child);
  return {
    ...{ origin, settings, setupCode },
    waitForLetter: (to, words, number = 1) => waitForLetter(dataDir, { to, words, number }),
    query: database.query,
    stop: async () => {
      const code = new Promise<number>((resolve) => child.once("exit", (status) => resolve(status ?? -1)));
      child.kill("SIGINT");
      const status = await code;
      await database.close();
      rmSync(dataDir, { recursive: true, force: true });
      return status;
    },
  };
}
