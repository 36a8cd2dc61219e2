// The test command: checks, then every test, with a sample of each long suite among them. Prints one closing line,
// `N passed, N failed`, and exits 1 when anything failed.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Count {
  passed: number;
  failed: number;
}

const total: Count = { passed: 0, failed: 0 };
const environment = {
  ...process.env,
  PATH: `${join(import.meta.dirname, "..", "node_modules", ".bin")}:${process.env.PATH}`,
};

function run(command: string, args: readonly string[]): { status: number; output: string } {
  const result = spawnSync(command, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: environment,
    maxBuffer: 2 ** 28,
  });
  const output = result.stdout.toString();
  process.stdout.write(output);
  return { status: result.status ?? 1, output };
}

function runChecks(): void {
  const { status } = run(process.execPath, ["scripts/check.ts"]);
  if (status === 0) total.passed += 1;
  else total.failed += 1;
}

function runTests(): void {
  const folder = mkdtempSync(join(tmpdir(), "parley-report-"));
  const report = join(folder, "report.json");
  const args = ["node_modules/vitest/vitest.mjs", "run", "--reporter=dot", "--reporter=json", `--outputFile=${report}`];
  const { status } = run(process.execPath, args);
  try {
    const counted = JSON.parse(readFileSync(report, "utf8")) as { numPassedTests: number; numFailedTests: number };
    total.passed += counted.numPassedTests;
    total.failed += counted.numFailedTests;
    if (status !== 0 && counted.numFailedTests === 0) total.failed += 1;
  } catch {
    total.failed += 1;
  }
  rmSync(folder, { recursive: true, force: true });
}

runChecks();
runTests();
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
