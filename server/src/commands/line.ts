// The command line: finds the command, runs it, returns its exit code.

import { describeCommands, runCommand } from "./command.ts";
import { commands } from "./index.ts";

/** `words` are those behind `parley`. */
export function runLine([name, ...rest]: readonly string[]): Promise<number> {
  const command = commands.find((one) => one.name === name);
  // `demo seed` is two words to a person and one command to us.
  if (command !== undefined) return runCommand(command, name === "demo" && rest[0] === "seed" ? rest.slice(1) : rest);
  const isHelp = name === undefined || name === "--help" || name === "help";
  (isHelp ? process.stdout : process.stderr).write(
    `${isHelp ? "" : `There is no command ${name}.\n\n`}${describeCommands(commands)}\n`,
  );
  return Promise.resolve(isHelp ? 0 : 2);
}
