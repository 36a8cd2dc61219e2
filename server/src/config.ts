// Every setting once, with its sentence. The only reader of the environment. A setting comes from the environment or from
// a file of `NAME=value` lines (PARLEY_CONFIG_FILE); the environment wins. No secret has a default. A mistaken value stops
// the start with the setting's name and what is allowed.

import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { AppError, defineErrors, type FieldMistake } from "./kernel/errors.ts";
import { Secret } from "./kernel/secret.ts";
import { findSender, findSmtpServer, type Sender, type SmtpServer } from "./platform/mail/index.ts";
import { type HostPort, parseAllowList } from "./platform/outbound/index.ts";

export const configErrors = defineErrors({
  invalid: {
    code: "config.invalid",
    status: 500,
    sentence: "A setting is mistaken. See errors for the setting and what is allowed.",
  },
});

interface Setting<T> {
  /** What it is for, in one or two sentences. */
  readonly sentence: string;
  readonly allowed: string;
  /** As written in the environment; undefined when it has none. */
  readonly usual: string | undefined;
  readonly isSecret?: boolean;
  /** Throws or returns undefined for a mistaken value. */
  readonly read: (text: string) => T | undefined;
}

function text(sentence: string, allowed: string, usual?: string): Setting<string> {
  return { sentence, allowed, usual, read: (value) => (value.length <= 4096 ? value : undefined) };
}

function number(sentence: string, range: { min: number; max: number }, usual: number): Setting<number> {
  const read = (value: string): number | undefined => {
    const parsed = Number(value);
    return /^\d{1,13}$/.test(value) && parsed >= range.min && parsed <= range.max ? parsed : undefined;
  };
  return { sentence, allowed: `a whole number from ${range.min} to ${range.max}`, usual: String(usual), read };
}

function choice<const T extends string>(sentence: string, values: readonly T[], usual: T): Setting<T> {
  const read = (value: string): T | undefined => values.find((one) => one === value);
  return { sentence, allowed: `one of ${values.join(", ")}`, usual, read };
}

function secret(sentence: string, allowed: string): Setting<Secret<string>> {
  return { sentence, allowed, usual: undefined, isSecret: true, read: (value) => new Secret(value) };
}

function url(sentence: string, protocols: readonly string[], usual?: string): Setting<string> {
  const read = (value: string): string | undefined => {
    const parsed = URL.parse(value);
    return parsed !== null && protocols.includes(parsed.protocol) ? value.replace(/\/+$/, "") : undefined;
  };
  return {
    sentence,
    allowed: `an address that begins with ${protocols.map((one) => `${one}//`).join(" or ")}`,
    usual,
    read,
  };
}

function readAllowList(value: string): HostPort[] | undefined {
  try {
    return parseAllowList(value);
  } catch {
    return undefined;
  }
}

function readList(value: string): readonly string[] | undefined {
  const parts = value.split(/[\s,]+/).filter((part) => part !== "");
  return parts.every((part) => /^[0-9A-Fa-f.:]+(\/\d{1,3})?$/.test(part)) ? parts : undefined;
}

const postgresUrl = ["postgres:", "postgresql:"];

/** Every setting. The order is the order of the reference. */
export const settings = {
  PARLEY_DATA_DIR: text(
    "The folder that holds the embedded database and the key ring. Back it up; keep the key ring apart.",
    "a path",
    "./data",
  ),
  PARLEY_HOST: text(
    "The address to listen on. Anything but a loopback address needs TLS or a declared proxy.",
    "an address or host name",
    "127.0.0.1",
  ),
  PARLEY_PORT: number("The port to listen on.", { min: 0, max: 65_535 }, 8080),
  PARLEY_PUBLIC_URL: url(
    "How the outside reaches this server; addresses shown to people begin with it. Usually `http(s)://host:port`.",
    ["https:", "http:"],
  ),
  DATABASE_URL: {
    ...secret(
      "The PostgreSQL to use instead of the embedded one, signing in as the service role. TLS is verified unless it is a socket or loopback.",
      "an address that begins with postgres:// or postgresql://",
    ),
    read: (value) => (postgresUrl.includes(URL.parse(value)?.protocol ?? "") ? new Secret(value) : undefined),
  } satisfies Setting<Secret<string>>,
  PARLEY_MIGRATION_URL: {
    ...secret(
      "The same PostgreSQL, signing in as the role that owns the tables. Used by `parley migrate` only.",
      "an address that begins with postgres:// or postgresql://",
    ),
    read: (value) => (postgresUrl.includes(URL.parse(value)?.protocol ?? "") ? new Secret(value) : undefined),
  } satisfies Setting<Secret<string>>,
  PARLEY_DATABASE_CONNECTIONS: number(
    "Connections to PostgreSQL that this process may hold.",
    { min: 3, max: 200 },
    10,
  ),
  PARLEY_MASTER_KEY: secret(
    "The key that protects all other keys, instead of the key ring file. For machines without a disk of their own.",
    "32 random bytes in base64, from `openssl rand -base64 32`",
  ),
  PARLEY_TLS_CERT: text("The file of the TLS certificate chain, PEM. Needs PARLEY_TLS_KEY.", "a path"),
  PARLEY_TLS_KEY: text("The file of the TLS private key, PEM. Needs PARLEY_TLS_CERT.", "a path"),
  PARLEY_TRUSTED_PROXIES: {
    sentence: "Networks of the proxies in front that speak HTTPS. Only their X-Forwarded-For is believed.",
    allowed: "addresses or CIDR ranges, separated by commas",
    usual: "",
    read: readList,
  } satisfies Setting<readonly string[]>,
  PARLEY_OUTBOUND_ALLOW: {
    sentence:
      "Destinations that may be internal or plain HTTP, such as a mock platform. Everything else must be a public HTTPS address.",
    allowed: "host:port pairs, separated by commas",
    usual: "",
    read: readAllowList,
  } satisfies Setting<readonly HostPort[]>,
  PARLEY_WHATSAPP_API_URL: url(
    "Base address of the WhatsApp Cloud API, version included.",
    ["https:", "http:"],
    "https://graph.facebook.com/v23.0",
  ),
  PARLEY_BREACHED_PASSWORDS_URL: url(
    "A service that knows stolen passwords by range: five digits of a password's SHA-1 are sent to it, never more. Nobody is asked unless this is set.",
    ["https:"],
  ),
  PARLEY_SMTP_URL: {
    sentence:
      "The mail server for letters to people. Certificates are verified; smtp:// must offer STARTTLS unless it is a loopback address. Without it mail stays in the data folder, see `parley mail`.",
    allowed: "smtps://user:password@host:port or smtp://..., user and password percent-encoded, without parameters",
    usual: undefined,
    isSecret: true,
    read: findSmtpServer,
  } satisfies Setting<SmtpServer>,
  PARLEY_MAIL_FROM: {
    sentence: "Who letters come from. Needed with PARLEY_SMTP_URL.",
    allowed: "`name@example.org` or `Name <name@example.org>`",
    usual: undefined,
    read: findSender,
  } satisfies Setting<Sender>,
  PARLEY_FILES_APP_BYTES_MAX: number(
    "Bytes that the files of one app may take up.",
    { min: 0, max: 1_099_511_627_776 },
    1_073_741_824,
  ),
  PARLEY_SCAN_URL: url(
    "A virus scanner: every file is sent to it by POST before it is kept, and only 200 or 204 means clean. An internal one must be in PARLEY_OUTBOUND_ALLOW.",
    ["https:", "http:"],
  ),
  PARLEY_METRICS_TOKEN: secret(
    "Lets a caller that is not on this machine read /metrics and /health/ready details, as a bearer token.",
    "at least 24 characters",
  ),
  PARLEY_LOG_LEVEL: choice("How much to log.", ["debug", "info", "warn", "error", "silent"], "info"),
} as const satisfies Record<string, Setting<unknown>>;

type Settings = typeof settings;
type ValueOf<S> = S extends Setting<infer T> ? T : never;
type OptionalName =
  | "PARLEY_PUBLIC_URL"
  | "DATABASE_URL"
  | "PARLEY_MIGRATION_URL"
  | "PARLEY_MASTER_KEY"
  | "PARLEY_TLS_CERT"
  | "PARLEY_TLS_KEY"
  | "PARLEY_BREACHED_PASSWORDS_URL"
  | "PARLEY_SMTP_URL"
  | "PARLEY_MAIL_FROM"
  | "PARLEY_SCAN_URL"
  | "PARLEY_METRICS_TOKEN";

/** The settings, read and checked. Those without a usual value may be undefined. */
export type Config = {
  readonly [Name in keyof Settings]: Name extends OptionalName
    ? ValueOf<Settings[Name]> | undefined
    : ValueOf<Settings[Name]>;
};

export type Environment = Readonly<Record<string, string | undefined>>;

function readFile(path: string): Environment {
  if (!existsSync(path)) {
    const mistakes = [{ path: "PARLEY_CONFIG_FILE", message: `there is no file ${path}` }];
    throw new AppError(configErrors.invalid, { mistakes });
  }
  return parseEnv(readFileSync(path, "utf8")) as Environment;
}

function findUnknown(environment: Environment): FieldMistake[] {
  const known = new Set<string>([...Object.keys(settings), "PARLEY_CONFIG_FILE"]);
  return Object.keys(environment)
    .filter((name) => name.startsWith("PARLEY_") && !known.has(name))
    .map((name) => ({ path: name, message: "is not a setting. `parley config` lists them all" }));
}

/** Reads the settings. Throws `config.invalid` with every mistake: the setting's name and what is allowed. */
export function readConfig(environment: Environment): Config {
  const file = environment.PARLEY_CONFIG_FILE;
  const given = file === undefined ? environment : { ...readFile(file), ...environment };
  const mistakes = findUnknown(given);
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings)) {
    const written = given[name] === "" ? undefined : given[name];
    const value = written ?? setting.usual;
    values[name] = value === undefined ? undefined : setting.read(value);
    const isMistaken = value !== undefined && values[name] === undefined;
    if (isMistaken) mistakes.push({ path: name, message: `must be ${setting.allowed}` });
  }
  const config = values as Config;
  mistakes.push(...findMismatches(config));
  if (mistakes.length > 0) throw new AppError(configErrors.invalid, { mistakes });
  return { ...config, PARLEY_DATA_DIR: resolve(config.PARLEY_DATA_DIR) };
}

const loopback = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|localhost)$/;

/** Answers whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return loopback.test(host);
}

function findMismatches(config: Config): FieldMistake[] {
  const mistakes: FieldMistake[] = [];
  const hasTls = config.PARLEY_TLS_CERT !== undefined && config.PARLEY_TLS_KEY !== undefined;
  if ((config.PARLEY_TLS_CERT === undefined) !== (config.PARLEY_TLS_KEY === undefined)) {
    mistakes.push({ path: "PARLEY_TLS_CERT", message: "and PARLEY_TLS_KEY must be set together" });
  }
  // SECURITY: nothing is ever served to a network in clear text.
  const isOpen = !isLoopback(config.PARLEY_HOST ?? "") && !hasTls && (config.PARLEY_TRUSTED_PROXIES ?? []).length === 0;
  if (config.PARLEY_HOST !== undefined && isOpen) {
    const message =
      "is reachable from the network, so messages would travel in clear text. Set PARLEY_TLS_CERT and PARLEY_TLS_KEY, or " +
      "PARLEY_TRUSTED_PROXIES to the proxy that speaks HTTPS in front, or listen on 127.0.0.1";
    mistakes.push({ path: "PARLEY_HOST", message });
  }
  if (config.PARLEY_SMTP_URL !== undefined && config.PARLEY_MAIL_FROM === undefined) {
    mistakes.push({ path: "PARLEY_MAIL_FROM", message: "must be set with PARLEY_SMTP_URL" });
  }
  const publicUrl = config.PARLEY_PUBLIC_URL === undefined ? undefined : new URL(config.PARLEY_PUBLIC_URL);
  // SECURITY: no letter holds a link that travels in clear text (CVE-2026-41275).
  if (publicUrl?.protocol === "http:" && !isLoopback(publicUrl.hostname)) {
    mistakes.push({
      path: "PARLEY_PUBLIC_URL",
      message: "must begin with https:// unless its host is a loopback address",
    });
  }
  const metricsToken = config.PARLEY_METRICS_TOKEN?.reveal();
  if (metricsToken !== undefined && metricsToken.length < 24) {
    mistakes.push({ path: "PARLEY_METRICS_TOKEN", message: "must be at least 24 characters" });
  }
  return mistakes;
}

/** The environment of this process: the only place that reads it. */
export function readProcessEnvironment(): Environment {
  return process.env;
}
