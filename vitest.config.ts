import { defineConfig } from "vitest/config";
import { diskFolder } from "./scripts/test-folders.ts";

const elsewhere = "**/node_modules/**";
const folders = ["engine", "server", "widget", "richtext", "scripts"];
const browsers = ["**/*.browser.test.ts", "**/*.browser.int.test.ts"];

/** Measure time, with bounds that leave room for one other. */
const beside = [
  "tests/journeys/chat-peers-load.test.ts",
  "tests/journeys/chat-streams-load.test.ts",
  "tests/journeys/people-live.browser.test.ts",
];

/** Measure time: with anything beside them they measure that instead. */
const alone = [
  "tests/journeys/load.test.ts",
  "tests/journeys/people-load.test.ts",
  "tests/journeys/chat-answer.browser.test.ts",
  "tests/suites/enumeration.test.ts",
  "widget/src/embed/opening.browser.test.ts",
];

/** Looks at every statement that its own imports declare, and so wants a process of its own. */
const plans = "tests/plans.test.ts";

const common = {
  testTimeout: 30_000,
  hookTimeout: 60_000,
  pool: "forks" as const,
  // One more than processors: much of it is waiting, for a killed server, a network that is down, a browser.
  maxWorkers: 3,
};

/** A process takes file after file, so what a test puts in place of something is put back behind it. */
const shared = { isolate: false, unstubEnvs: true, unstubGlobals: true, restoreMocks: true };

const timed = { ...common, env: { TMPDIR: diskFolder } };

const parts = {
  ...{ ...common, ...shared, name: "parts" },
  include: folders.map((folder) => `${folder}/**/*.test.ts`),
  exclude: [elsewhere, ...browsers],
  sequence: { groupOrder: 0 },
};

const journeys = {
  ...{ ...common, ...shared, name: "journeys" },
  include: ["tests/**/*.test.ts", ...browsers],
  exclude: [elsewhere, plans, ...beside, ...alone],
  sequence: { groupOrder: 1 },
};

export default defineConfig({
  test: {
    globalSetup: ["server/src/platform/db/testing/cluster.ts"],
    // One after the other.
    projects: [
      { test: parts },
      { test: journeys },
      { test: { ...timed, name: "beside", include: [plans, ...beside], maxWorkers: 2, sequence: { groupOrder: 2 } } },
      { test: { ...timed, name: "alone", include: alone, maxWorkers: 1, sequence: { groupOrder: 3 } } },
    ],
  },
});
