import { defineConfig } from "vitest/config";

const folders = ["engine", "server", "widget", "richtext", "tests", "scripts"];

/** Drive a browser or measure time: with anything beside them they measure that instead. */
const alone = [
  "**/*.browser.test.ts",
  "**/*.browser.int.test.ts",
  "tests/journeys/*load.test.ts",
  "tests/journeys/start.test.ts",
  "tests/suites/crash.test.ts",
  "tests/suites/enumeration.test.ts",
];

const common = {
  globalSetup: ["server/src/platform/db/testing/cluster.ts"],
  testTimeout: 30_000,
  hookTimeout: 60_000,
  pool: "forks" as const,
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: "side by side",
          include: folders.map((folder) => `${folder}/**/*.test.ts`),
          exclude: ["**/node_modules/**", ...alone],
          maxWorkers: 2,
        },
      },
      { test: { ...common, name: "alone", include: alone, exclude: ["**/node_modules/**"], maxWorkers: 1 } },
    ],
  },
});
