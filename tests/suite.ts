// `npm run suite -- crash|tenancy|markers`: one long suite, whole. `--sample` runs the part that `npm test` runs. Prints how
// many cases ran and closes with `N passed, N failed`.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const [name = "", ...flags] = process.argv.slice(2);
const file = join("tests", "suites", `${name}.test.ts`);

if (!/^[a-z-]+$/.test(name) || !existsSync(join(root, file))) {
  process.stderr.write("Usage: npm run suite -- crash|tenancy|markers [--sample]\n");
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), "parley-report-"));
const report = join(folder, "report.json");
const args = [
  "node_modules/vitest/vitest.mjs",
  "run",
  file,
  "--reporter=verbose",
  "--reporter=json",
  `--outputFile=${report}`,
];
const environment = { ...process.env, PARLEY_SUITE: flags.includes("--sample") ? "sample" : "whole" };
const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit", env: environment });
const counted = existsSync(report)
  ? JSON.parse(readFileSync(report, "utf8"))
  : { numPassedTests: 0, numFailedTests: 1 };
rmSync(folder, { recursive: true, force: true });
process.stdout.write(`${counted.numPassedTests} passed, ${counted.numFailedTests} failed\n`);
process.exitCode = status ?? 1;
