#!/usr/bin/env node
// The command line: finds the command, runs it, ends with its exit code.

import { describeCommands, runCommand } from "./commands/command.ts";
import { commands } from "./commands/index.ts";

const [name, ...rest] = process.argv.slice(2);
const command = commands.find((one) => one.name === name);
// `demo seed` is two words to a person and one command to us.
const args = name === "demo" && rest[0] === "seed" ? rest.slice(1) : rest;

if (command === undefined) {
  const isHelp = name === undefined || name === "--help" || name === "help";
  (isHelp ? process.stdout : process.stderr).write(
    `${isHelp ? "" : `There is no command ${name}.\n\n`}${describeCommands(commands)}\n`,
  );
  process.exitCode = isHelp ? 0 : 2;
} else {
  process.exitCode = await runCommand(command, args);
}
