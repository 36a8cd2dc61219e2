// The command line of the benchmark, with bounds, so that a slip of the finger does not keep a machine busy for a day.

import { parseArgs } from "node:util";
import { AppError } from "../../server/src/kernel/errors.ts";
import { benchErrors } from "./errors.ts";

export const sections = ["ratio", "webhook", "protections", "growth"] as const;
export type Section = (typeof sections)[number];

export interface Options {
  readonly isJson: boolean;
  readonly isQuick: boolean;
  readonly rounds: number;
  readonly seconds: number;
  readonly inFlight: number;
  readonly apps: readonly number[];
  readonly members: number;
  readonly sections: readonly Section[];
  readonly profileDir: string | undefined;
}

export const helpText = `parley bench: how fast the product is, measured against the least a server can do.

The floor is bare node:http that checks the signature, does BEGIN, two INSERTs, COMMIT and posts the reply. Floor and product
use the same PostgreSQL in rounds that alternate; medians are reported. Everything runs on this machine, in processes of its
own, with a fresh database under the system's temporary directory that is removed afterwards.

  --json               print one JSON document (otherwise tables); progress goes to standard error
  --quick              short rounds, under a minute in all, without webhook and growth; figures vary more
  --only SECTIONS      of ${sections.join(",")}
                       ratio        floor and product without webhooks, and the product at half its load by schedule
                       webhook      the same where each message also makes two signed webhook posts
                       protections  the product without encryption, row-level security, traces, webhooks
                       growth       the cost of a message at 1 000 and at 1 000 000 stored messages
  --apps LIST          numbers of apps, 1 to 1000 each (1,100)
  --rounds N           measured rounds of each, 1 to 50 (5; quick 1)
  --seconds S          length of a round, 0.5 to 60 (5; quick 1.5)
  --in-flight N        messages on their way at once, 1 to 512 (32)
  --members N          members that write, over all apps, 1 to 100000 (2000; quick 300)
  --profile DIR        write a processor profile of every process to DIR
  --help               this text

Exit status 1 when a message was lost, refused or went to the wrong member.`;

function toNumber(name: string, text: string, bounds: { min: number; max: number }): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value >= bounds.min && value <= bounds.max) return value;
  const detail = `--${name} must be a number from ${bounds.min} to ${bounds.max}, not "${text}".`;
  throw new AppError(benchErrors.option, { detail, note: detail });
}

function toCount(name: string, text: string, max: number): number {
  const value = toNumber(name, text, { min: 1, max });
  if (Number.isInteger(value)) return value;
  const detail = `--${name} must be a whole number, not "${text}".`;
  throw new AppError(benchErrors.option, { detail, note: detail });
}

function toSections(text: string): Section[] {
  return text.split(",").map((name) => {
    const section = sections.find((known) => known === name);
    if (section !== undefined) return section;
    const detail = `--only takes ${sections.join(", ")}, not "${name}".`;
    throw new AppError(benchErrors.option, { detail, note: detail });
  });
}

const flags = {
  json: { type: "boolean", default: false },
  quick: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
  only: { type: "string" },
  apps: { type: "string", default: "1,100" },
  rounds: { type: "string" },
  seconds: { type: "string" },
  "in-flight": { type: "string", default: "32" },
  members: { type: "string" },
  profile: { type: "string" },
} as const;

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags }).values;
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new AppError(benchErrors.option, { detail, note: detail });
  }
}

/** Reads the command line; "help" when it asks for it. Throws `bench.option_invalid` naming the option. */
export function parseOptions(args: readonly string[]): Options | "help" {
  const values = readFlags(args);
  if (values.help) return "help";
  const usual = values.quick
    ? { rounds: "1", seconds: "1.5", members: "300" }
    : { rounds: "5", seconds: "5", members: "2000" };
  const apps = values.apps.split(",").map((text) => toCount("apps", text, 1000));
  const members = toCount("members", values.members ?? usual.members, 100_000);
  if (members < Math.max(...apps)) {
    const detail = `--members must be at least the number of apps (${Math.max(...apps)}).`;
    throw new AppError(benchErrors.option, { detail, note: detail });
  }
  const quickSections: readonly Section[] = ["ratio", "protections"];
  return {
    isJson: values.json,
    isQuick: values.quick,
    rounds: toCount("rounds", values.rounds ?? usual.rounds, 50),
    seconds: toNumber("seconds", values.seconds ?? usual.seconds, { min: 0.5, max: 60 }),
    inFlight: toCount("in-flight", values["in-flight"], 512),
    apps,
    members,
    sections: values.only === undefined ? (values.quick ? quickSections : sections) : toSections(values.only),
    profileDir: values.profile,
  };
}
