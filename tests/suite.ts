// `npm run suite -- NAME`: one long suite, whole. `--sample` runs the part that `npm test` runs. Prints how many cases ran and
// closes with `N passed, N failed`.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolders } from "../scripts/test-folders.ts";

const root = join(import.meta.dirname, "..");
const folder = join(root, "tests", "suites");
const [name = "", ...flags] = process.argv.slice(2);
const names = readdirSync(folder).map((file) => file.replace(/(?:\.test)?\.ts$/, ""));

function runTests(file: string): number {
  const folders = makeFolders();
  const report = join(folders.disk, "report.json");
  const reporters = ["--reporter=verbose", "--reporter=json", `--outputFile=${report}`];
  const args = ["node_modules/vitest/vitest.mjs", "run", file, ...reporters];
  const size = flags.includes("--sample") ? "sample" : "whole";
  const env = { ...process.env, ...folders.environment, PARLEY_SUITE: size };
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit", env });
  const counted = existsSync(report)
    ? JSON.parse(readFileSync(report, "utf8"))
    : { numPassedTests: 0, numFailedTests: 1 };
  folders.remove();
  process.stdout.write(`${counted.numPassedTests} passed, ${counted.numFailedTests} failed\n`);
  return status ?? 1;
}

/** A suite that is a program of its own prints its own closing line. */
function runProgram(file: string): number {
  return spawnSync(process.execPath, [file, ...flags], { cwd: root, stdio: "inherit" }).status ?? 1;
}

if (!names.includes(name)) {
  process.stderr.write(`Usage: npm run suite -- ${names.join("|")} [--sample]\n`);
  process.exit(2);
}
const test = join("tests", "suites", `${name}.test.ts`);
const isTest = existsSync(join(root, test));
process.exitCode = isTest ? runTests(test) : runProgram(join("tests", "suites", `${name}.ts`));
