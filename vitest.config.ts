import { defineConfig } from "vitest/config";

const elsewhere = "**/node_modules/**";
const folders = ["engine", "server", "widget", "richtext", "scripts"];
const browsers = ["**/*.browser.test.ts", "**/*.browser.int.test.ts"];

/** Measure time: with anything beside them they measure that instead. */
const alone = [
  "tests/journeys/*load.test.ts",
  "tests/journeys/chat-answer.browser.test.ts",
  "tests/journeys/people-live.browser.test.ts",
  "tests/suites/enumeration.test.ts",
  "widget/src/embed/opening.browser.test.ts",
];

const common = {
  globalSetup: ["server/src/platform/db/testing/cluster.ts"],
  testTimeout: 30_000,
  hookTimeout: 60_000,
  pool: "forks" as const,
  maxWorkers: 2,
};

/** A process takes file after file, so what a test puts in place of something is put back behind it. */
const parts = {
  ...common,
  ...{ isolate: false, unstubEnvs: true, unstubGlobals: true, restoreMocks: true },
  name: "parts",
  include: folders.map((folder) => `${folder}/**/*.test.ts`),
  exclude: [elsewhere, ...browsers],
};

const journeys = {
  ...common,
  name: "journeys",
  include: ["tests/**/*.test.ts", ...browsers],
  exclude: [elsewhere, ...alone],
  // Much of it is waiting: for a killed server, a network that is down, a browser.
  maxWorkers: 3,
};

export default defineConfig({
  test: {
    projects: [
      { test: parts },
      { test: journeys },
      { test: { ...common, name: "alone", include: alone, exclude: [elsewhere], maxWorkers: 1 } },
    ],
  },
});
