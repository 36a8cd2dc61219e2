// The test command: checks, then every test, with a sample of each long suite among them. Prints one closing line,
// `N passed, N failed`, and exits 1 when anything failed.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

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

function run(
  command: string,
  args: readonly string[],
  more: NodeJS.ProcessEnv = {},
): { status: number; output: string } {
  const result = spawnSync(command, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...environment, ...more },
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

const memory = "/dev/shm";

/** Whether programs may be run from a folder, and there is room in it. The database's are copied beside its data. */
function isOfUse(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize < 6 * 2 ** 30) return false;
    const own = mkdtempSync(join(folder, "parley-try-"));
    const program = join(own, "program");
    writeFileSync(program, "#!/bin/sh\n", { mode: 0o700 });
    const { status } = spawnSync(program);
    rmSync(own, { recursive: true });
    return status === 0;
  } catch {
    return false;
  }
}

/**
 * Where a project's databases and profiles lie: in memory, where Linux has room for them, unless it measures time. Copies of a
 * database are thousands of files, and each test file makes one.
 */
function findFolder(project: string): string {
  return project !== "alone" && isOfUse(memory) ? memory : tmpdir();
}

function runTests(project: string): void {
  const folder = mkdtempSync(join(tmpdir(), "parley-report-"));
  const report = join(folder, "report.json");
  const reporters = ["--reporter=dot", "--reporter=json", `--outputFile=${report}`];
  const args = ["node_modules/vitest/vitest.mjs", "run", "--project", project, "--no-color", ...reporters];
  const { status } = run(process.execPath, args, { TMPDIR: findFolder(project) });
  try {
    const counted = JSON.parse(readFileSync(report, "utf8")) as Report;
    total.passed += counted.numPassedTests;
    total.failed += counted.numFailedTests;
    if (status !== 0 && counted.numFailedTests === 0) total.failed += 1;
    failures.push(...listFailures(counted));
  } catch {
    total.failed += 1;
  }
  rmSync(folder, { recursive: true, force: true });
}

runChecks();
for (const project of ["parts", "journeys", "alone"]) runTests(project);
if (failures.length > 0) process.stdout.write(`\n${failures.join("\n")}\n`);
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
