// Shows that the tests see what they are there for: one guard of the product at a time is taken away in a copy of its
// source, and the tests named beside it must fail. `npm run suite -- mutations [words of a title] [--shard=1/2]`. A text that
// is no longer found exactly once fails: then the mutation has to be looked at again. The tests run without any mutation
// first, and must pass; `--skip-untouched` leaves that out.

import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Mutation, mutations } from "../support/mutations.ts";

const root = join(import.meta.dirname, "..", "..");
const sources = ["server", "engine", "richtext", "widget", "tests", "docs"];
const copied = [...sources, "package.json", "tsconfig.json", "vitest.config.ts"];
const flags = process.argv.slice(2);
const wanted = flags
  .filter((flag) => !flag.startsWith("--"))
  .join(" ")
  .toLowerCase();
const [shard = 1, shards = 1] = (
  /^--shard=(\d+)\/(\d+)$/.exec(flags.find((flag) => flag.startsWith("--shard")) ?? "") ?? []
)
  .slice(1)
  .map(Number);
const chosen = mutations
  .filter(({ title }) => title.toLowerCase().includes(wanted))
  .filter((_mutation, index) => index % shards === shard - 1);
const folder = mkdtempSync(join(tmpdir(), "parley-mutations-"));

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly first: string;
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: { assertionResults: { status: string; fullName: string }[] }[];
}

function runTests(tests: Mutation["tests"]): Outcome {
  const report = join(folder, "report.json");
  rmSync(report, { force: true });
  const filter = tests.name === undefined ? [] : ["-t", tests.name];
  const args = ["node_modules/vitest/vitest.mjs", "run", tests.file, ...filter, "--bail=1", "--reporter=json"];
  spawnSync(process.execPath, [...args, `--outputFile=${report}`], {
    cwd: folder,
    stdio: "ignore",
    env: { ...process.env, PARLEY_SUITE: "sample" },
  });
  if (!existsSync(report)) return { passed: 0, failed: 0, first: "" };
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, "utf8")) as Report;
  const all = testResults.flatMap((result) => result.assertionResults);
  const first = all.find((result) => result.status === "failed")?.fullName ?? "";
  return { passed: numPassedTests, failed: numFailedTests, first };
}

/** Puts the mutation into the copy; undefined when its text is not there exactly once. */
function mutate({ file, text, becomes }: Mutation): (() => void) | undefined {
  const path = join(folder, file);
  const source = readFileSync(path, "utf8");
  if (source.split(text).length !== 2) return undefined;
  writeFileSync(
    path,
    source.replace(text, () => becomes),
  );
  return () => writeFileSync(path, source);
}

/** What is wrong with the evidence; undefined when the mutation was caught. */
function findFault(mutation: Mutation): string | undefined {
  const restore = mutate(mutation);
  if (restore === undefined) return `its text is not found exactly once in ${mutation.file}`;
  const { failed, first } = runTests(mutation.tests);
  restore();
  if (failed === 0) return `no test of ${mutation.tests.file} failed`;
  process.stdout.write(`caught    ${mutation.title}\n          by: ${first}\n`);
  return undefined;
}

function copySource(): void {
  for (const name of copied) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
}

let [passed, failed] = [0, 0];
try {
  copySource();
  const isSkipped = flags.includes("--skip-untouched");
  const runs = isSkipped
    ? []
    : [...new Map(chosen.map(({ tests }) => [`${tests.file} ${tests.name}`, tests])).values()];
  for (const tests of runs) {
    const untouched = runTests(tests);
    if (untouched.failed === 0 && untouched.passed > 0) continue;
    process.stdout.write(`BROKEN    ${tests.file} fails without any mutation: ${untouched.first}\n`);
    failed += 1;
  }
  for (const mutation of chosen) {
    const fault = findFault(mutation);
    if (fault === undefined) passed += 1;
    else failed += 1;
    if (fault !== undefined) process.stdout.write(`SURVIVED  ${mutation.title}: ${fault}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`${chosen.length} mutations\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
