// Every check that reads the code rather than runs it: format, lint with types, types, the imports between packages and
// domains, and that generated documents are up to date. `node scripts/check.ts`; exits 1 when one fails.

import { spawnSync } from "node:child_process";
import { checkHouse } from "./house.ts";

const checks: readonly (readonly [string, readonly string[]])[] = [
  ["format", ["biome", "check", "."]],
  ["lint", ["oxlint", "--type-aware", "--quiet", "."]],
  ["types", ["tsc", "-p", "."]],
  ["types of the widget", ["tsc", "-p", "widget"]],
  ["documents", ["node", "scripts/document.ts", "--check"]],
];

let failed = 0;
for (const [name, [command, ...args]] of checks) {
  const result = spawnSync(`node_modules/.bin/${command}`, args, { stdio: "inherit" });
  const isDone = result.status === 0;
  if (!isDone) failed += 1;
  process.stdout.write(`${isDone ? "ok  " : "FAIL"} ${name}\n`);
}
for (const { name, problems } of checkHouse()) {
  if (problems.length > 0) failed += 1;
  process.stdout.write(`${problems.length === 0 ? "ok  " : "FAIL"} ${name}\n`);
  for (const problem of problems) process.stdout.write(`     ${problem}\n`);
}
process.exitCode = failed === 0 ? 0 : 1;
