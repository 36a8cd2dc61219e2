// Writes docs/generated from the code: the settings, errors, operations and commands of this version and the OpenAPI
// document. `node scripts/document.ts` writes; with `--check` it writes nothing, names what is stale and exits 1. The same
// code always gives the same text.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildOpenApi, LiveHub } from "../server/src/api/index.ts";
import { createChat } from "../server/src/chat.ts";
import { describeCommand } from "../server/src/commands/command.ts";
import { commands } from "../server/src/commands/index.ts";
import { listOperations } from "../server/src/compose.ts";
import { readConfig, settings } from "../server/src/config.ts";
import { ProgramLibrary } from "../server/src/domains/bots/index.ts";
import { ChannelDirectory } from "../server/src/domains/channels/index.ts";
import { Pipeline, TypingBoard } from "../server/src/domains/conversations/index.ts";
import { InstallationKeys, Keychain, type KeyProvider } from "../server/src/domains/keys/index.ts";
import { builtInRoles, catalogue, permissions } from "../server/src/domains/organisations/index.ts";
import { systemClock } from "../server/src/kernel/clock.ts";
import { AppError, kernelErrors, listErrors } from "../server/src/kernel/errors.ts";
import type { Operation } from "../server/src/kernel/operation.ts";
import { Secret } from "../server/src/kernel/secret.ts";
import { createPeople } from "../server/src/people.ts";
import { Database } from "../server/src/platform/db/index.ts";
import { Jobs } from "../server/src/platform/jobs/index.ts";
import { createLog } from "../server/src/platform/log/log.ts";
import { createOutboundClient } from "../server/src/platform/outbound/index.ts";

const folder = join(import.meta.dirname, "..", "docs", "generated");
const origin = "<!-- Written by scripts/document.ts from the code. Do not edit. -->";

export { commands };

// What a command does declares errors too.
await Promise.all(commands.map((command) => command.load()));

/** A key provider without a key: declarations are read, nothing is run. */
const noKeys: KeyProvider = {
  currentKey: "local:none",
  hasKey: () => false,
  wrap: () => Promise.reject(new AppError(kernelErrors.bug)),
  unwrap: () => Promise.reject(new AppError(kernelErrors.bug)),
};

/** The operations the server offers, on parts that are built and never opened: no connection, no key, no timer. */
export function readOperations(): readonly Operation[] {
  const clock = systemClock;
  const database = new Database({ connection: {}, connectionsMax: 1, onError: () => undefined });
  const keychain = new Keychain({ database, provider: noKeys, clock });
  const outbound = createOutboundClient({ allow: [], clock });
  const pipeline = new Pipeline({
    ...{ database, keychain, outbound, clock },
    directory: new ChannelDirectory({ database, keychain, clock }),
    library: new ProgramLibrary(),
    log: createLog({ level: "silent" }),
    publish: () => Promise.resolve(),
    apiUrls: {},
    presence: { number: 0, isHeld: false },
    works: false,
  });
  const live = new LiveHub({ listLive: () => Promise.resolve(new Set()), log: createLog({ level: "silent" }) });
  const log = createLog({ level: "silent" });
  const installation = new InstallationKeys({ database, provider: noKeys, clock });
  const pepper = new Secret(Buffer.alloc(32));
  const core = { config: readConfig({}), log, clock, database, keychain, provider: noKeys, pepper, installation };
  const people = createPeople(core, outbound);
  const typing = new TypingBoard(clock);
  const directory = new ChannelDirectory({ database, keychain, clock });
  const chat = createChat(core, { directory, outbound, jobs: new Jobs({ connection: {}, log }), typing });
  return listOperations({ keychain, clock, pipeline, outbound, live, people, chat, typing });
}

function toCell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

function toTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map(toCell).join(" | ")} |`);
  return `${lines.join("\n")}\n`;
}

function toPage(title: string, ...parts: readonly string[]): string {
  return `${[`# ${title}`, origin, ...parts].join("\n\n").trimEnd()}\n`;
}

function writeSettings(): string {
  const rows = Object.entries(settings).map(([name, setting]) => {
    const usual = setting.usual === undefined || setting.usual === "" ? "" : `\`${setting.usual}\``;
    const isSecret = "isSecret" in setting && setting.isSecret;
    return [`\`${name}\``, setting.sentence, setting.allowed, isSecret ? "none: a secret" : usual];
  });
  const intro =
    "Each comes from the environment or from the file of `NAME=value` lines that `PARLEY_CONFIG_FILE` names; the " +
    "environment wins. A mistaken or unknown value stops the start with the setting's name and what is allowed.";
  return toPage("Settings", intro, toTable(["setting", "what it is for", "allowed", "unless set"], rows));
}

function writeErrors(): string {
  const rows = listErrors().map(({ code, status, sentence }) => [`\`${code}\``, String(status), sentence]);
  const intro =
    "Over HTTP an error is `application/problem+json` (RFC 9457) with `type`, `title`, `status`, `code`, `detail`, " +
    "`errors` (`path` and `message` of each mistake) and `requestId`; a command prints the same sentence and code. What " +
    "has status 500 and is no bug stops a command or the start.";
  return toPage("Errors", intro, toTable(["code", "status", "sentence"], rows));
}

function writeOperations(operations: readonly Operation[]): string {
  const sorted = [...operations].sort((a, b) => (a.name < b.name ? -1 : 1));
  const rows = sorted.map((operation) => [
    `\`${operation.name}\``,
    `\`${operation.method} ${operation.path}\``,
    operation.summary,
    typeof operation.permission === "string" ? `\`${operation.permission}\`` : `none: ${operation.permission.none}`,
    typeof operation.audit === "string" ? `\`${operation.audit}\`` : `none: ${operation.audit.none}`,
    operation.stepUp ? `${operation.rate}; step-up, so no token can` : operation.rate,
  ]);
  const intro =
    "What the HTTP interface offers, with the guards each operation declares. A scope is the permission itself or " +
    "`resource:admin` for all of a resource. Bodies and answers are in [openapi.json](openapi.json), which the server " +
    "also serves at `/api/v1/openapi.json`.";
  const head = ["operation", "route", "what it does", "permission", "audit entry", "rate class"];
  return toPage("Operations", intro, toTable(head, rows));
}

function writeRights(operations: readonly Operation[]): string {
  const rows = permissions.map((permission) => {
    const holders = catalogue[permission] ?? [];
    return [`\`${permission}\``, ...builtInRoles.map((role) => (holders.includes(role) ? "yes" : ""))];
  });
  const intro =
    "Who of the built-in roles may do what. A custom role is any choice of these permissions; nobody can grant what they " +
    "do not have, and what is not granted is denied. Each permission's operations are in [operations.md](operations.md).";
  const steppedUp = operations.filter((operation) => operation.stepUp).map(({ name }) => `- \`${name}\``);
  const confirmed =
    "These ask for a second factor shown within the last ten minutes (a person without one shows the password), and no " +
    "token can call them:";
  const table = toTable(["permission", ...builtInRoles.map((role) => role.replace("_", " "))], rows);
  return toPage("Rights", intro, table, "## Confirmed operations", confirmed, steppedUp.sort().join("\n"));
}

function writeCommands(): string {
  const parts = commands.map((command) => `## ${command.name}\n\n\`\`\`text\n${describeCommand(command)}\n\`\`\``);
  return toPage("Commands", "Run each as `npm run parley -- <command> [flags]`.", ...parts);
}

/** Every generated file: its name and text. */
export function listDocuments(): ReadonlyMap<string, string> {
  const operations = readOperations();
  return new Map([
    ["commands.md", writeCommands()],
    ["errors.md", writeErrors()],
    ["openapi.json", `${JSON.stringify(buildOpenApi(operations), null, 2)}\n`],
    ["operations.md", writeOperations(operations)],
    ["rights.md", writeRights(operations)],
    ["settings.md", writeSettings()],
  ]);
}

/** The names of the files in `where` that differ from the code. */
export function listStale(where: string = folder): string[] {
  const read = (name: string): string | undefined => {
    try {
      return readFileSync(join(where, name), "utf8");
    } catch {
      return undefined;
    }
  };
  return [...listDocuments()].flatMap(([name, text]) => (read(name) === text ? [] : [name]));
}

function main(flags: readonly string[]): void {
  if (flags.includes("--check")) {
    const stale = listStale();
    for (const name of stale) process.stderr.write(`docs/generated/${name} is stale. Run \`npm run document\`.\n`);
    process.exitCode = stale.length === 0 ? 0 : 1;
    return;
  }
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of listDocuments()) writeFileSync(join(folder, name), text);
}

if (import.meta.main) main(process.argv.slice(2));
