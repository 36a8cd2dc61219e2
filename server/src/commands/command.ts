// The frame of every command: its flags, its help, what it prints and how it ends. Exit codes: 0 done, 1 failed, 2 wrong use.

import { parseArgs } from "node:util";
import { AppError, defineErrors, isError } from "../kernel/errors.ts";

export const commandErrors = defineErrors({
  usage: { code: "command.usage", status: 400, sentence: "The command was used wrongly." },
});

export interface Flag {
  readonly name: string;
  /** Undefined for a switch. */
  readonly value?: string;
  readonly sentence: string;
}

/** What a command is given. */
export interface Invocation {
  /** Which of the command's acts; empty for a command without. */
  readonly act: string;
  has(flag: string): boolean;
  get(flag: string): string | undefined;
  readonly isJson: boolean;
  /** Prints a result: `value` with `--json`, else the text. */
  print(value: unknown, text: () => string): void;
}

/** One of several things a command does, named by the word behind it: `parley admin list`. */
export interface Act {
  readonly name: string;
  readonly sentence: string;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** The first word behind the command must be one of these. */
  readonly acts?: readonly Act[];
  readonly flags: readonly Flag[];
  /** Gets what it does. Most of the product stands behind one of these, and a help text needs none of it. */
  load(): Promise<(invocation: Invocation) => Promise<void>>;
}

const common: readonly Flag[] = [
  { name: "json", sentence: "Print the result as JSON." },
  { name: "help", sentence: "Print this." },
];

function toLines(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}

/** The help text of one command. */
export function describeCommand(command: Command): string {
  const flags = [...command.flags, ...common].map((flag): [string, string] => [
    flag.value === undefined ? `--${flag.name}` : `--${flag.name} <${flag.value}>`,
    flag.sentence,
  ]);
  const acts = command.acts?.map((act): [string, string] => [act.name, act.sentence]);
  const actLines = acts === undefined ? "" : `${toLines(acts)}\n\n`;
  return `parley ${command.name}: ${command.summary}\n\n${actLines}${toLines(flags)}\n\nExit codes: 0 done, 1 failed, 2 wrong use.`;
}

/** The list of commands. */
export function describeCommands(commands: readonly Command[]): string {
  const rows = commands.map((command): [string, string] => [command.name, command.summary]);
  return `Usage: parley <command> [flags]\n\n${toLines(rows)}\n\n\`parley <command> --help\` says more.`;
}

function parse(command: Command, args: readonly string[]): Record<string, string | boolean | undefined> {
  const options = Object.fromEntries(
    [...command.flags, ...common].map((flag) => [
      flag.name,
      { type: flag.value === undefined ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  try {
    return parseArgs({ args: [...args], options, strict: true }).values as Record<string, string | boolean>;
  } catch (error) {
    throw new AppError(commandErrors.usage, {
      detail: error instanceof Error ? error.message : "wrong use",
      cause: error,
    });
  }
}

/** What a person at the terminal reads of an error. */
export function describeError(error: unknown): string {
  if (!(error instanceof AppError))
    return error instanceof Error ? (error.stack ?? error.message) : "Something went wrong.";
  const mistakes = error.mistakes.map((mistake) => `  ${mistake.path}: ${mistake.message}`);
  const isOurs = error.status === 500 && error.detail === "Something went wrong on our side. Nothing was changed.";
  const note = isOurs || mistakes.length === 0 ? causesOf(error) : [];
  return [`${error.detail} [${error.code}]`, ...mistakes, ...note].join("\n");
}

function causesOf(error: Error): string[] {
  const { cause } = error;
  if (!(cause instanceof Error)) return [];
  const text = cause instanceof AppError ? cause.detail : cause.message;
  return [`  because: ${text}`, ...causesOf(cause)];
}

/** The act among the arguments, and the arguments without it. */
function splitAct({ acts }: Command, args: readonly string[]): { act: string; flags: readonly string[] } {
  const [first = "", ...rest] = args;
  if (acts === undefined || first === "--help") return { act: "", flags: args };
  if (acts.some((act) => act.name === first)) return { act: first, flags: rest };
  const words = acts.map((act) => act.name).join(", ");
  throw new AppError(commandErrors.usage, { detail: `name what to do: ${words}` });
}

/** Runs a command with its arguments and returns the exit code. */
export async function runCommand(command: Command, args: readonly string[]): Promise<number> {
  let isJson = args.includes("--json");
  try {
    const { act, flags } = splitAct(command, args);
    const values = parse(command, flags);
    if (values.help === true) {
      process.stdout.write(`${describeCommand(command)}\n`);
      return 0;
    }
    isJson = values.json === true;
    const run = await command.load();
    await run({
      act,
      has: (flag) => values[flag] !== undefined && values[flag] !== false,
      get: (flag) => (typeof values[flag] === "string" ? values[flag] : undefined),
      isJson,
      print: (value, text) => process.stdout.write(`${isJson ? JSON.stringify(value) : text()}\n`),
    });
    return 0;
  } catch (error) {
    if (isError(error, commandErrors.usage)) {
      process.stderr.write(`${error.detail}\n\n${describeCommand(command)}\n`);
      return 2;
    }
    const code = error instanceof AppError ? error.code : "kernel.bug";
    const mistakes = error instanceof AppError ? error.mistakes : [];
    if (isJson)
      process.stdout.write(`${JSON.stringify({ error: { code, detail: describeError(error), mistakes } })}\n`);
    process.stderr.write(`${describeError(error)}\n`);
    return 1;
  }
}

/** A flag's value. Throws `command.usage` without one. */
export function need(invocation: Invocation, flag: string): string {
  const value = invocation.get(flag);
  if (value === undefined) throw new AppError(commandErrors.usage, { detail: `--${flag} is required` });
  return value;
}
