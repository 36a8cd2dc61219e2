// The test command: checks, then every test, with a sample of each long suite among them. Prints one closing line,
// `N passed, N failed`, and exits 1 when anything failed.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { makeFolders } from "./test-folders.ts";

interface Count {
  passed: number;
  failed: number;
}

const total: Count = { passed: 0, failed: 0 };
const failures: string[] = [];
const environment = {
  ...process.env,
  PATH: `${join(import.meta.dirname, "..", "node_modules", ".bin")}:${process.env.PATH}`,
};

/** Runs a program of Node.js whose output goes where ours does. Returns its exit status. */
function run(args: readonly string[], more: NodeJS.ProcessEnv = {}): number {
  const env = { ...environment, ...more };
  return spawnSync(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"], env }).status ?? 1;
}

function runChecks(): void {
  if (run(["scripts/check.ts"]) === 0) total.passed += 1;
  else total.failed += 1;
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

const firstLines = (text: string): string => text.split("\n").slice(0, 3).join(" ").slice(0, 300);

/** What failed, a line each, where whoever sees the end of the output alone finds it. */
function listFailures({ testResults }: Report): string[] {
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const file = relative(process.cwd(), name);
    const failed = assertionResults.filter(({ status }) => status === "failed");
    const lines = failed.map((one) => `FAIL ${file} > ${one.fullName}: ${firstLines(one.failureMessages.join(" "))}`);
    return lines.length === 0 && message !== "" ? [`FAIL ${file}: ${firstLines(message)}`] : lines;
  });
}

function runTests(): void {
  const folders = makeFolders();
  const report = join(folders.disk, "report.json");
  const reporters = ["--reporter=dot", "--reporter=json", `--outputFile=${report}`];
  const args = ["node_modules/vitest/vitest.mjs", "run", "--no-color", ...reporters];
  const status = run(args, folders.environment);
  try {
    const counted = JSON.parse(readFileSync(report, "utf8")) as Report;
    total.passed += counted.numPassedTests;
    total.failed += counted.numFailedTests;
    if (status !== 0 && counted.numFailedTests === 0) total.failed += 1;
    failures.push(...listFailures(counted));
  } catch {
    total.failed += 1;
  }
  folders.remove();
}

runChecks();
runTests();
if (failures.length > 0) process.stdout.write(`\n${failures.join("\n")}\n`);
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
