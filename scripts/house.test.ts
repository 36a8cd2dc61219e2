import { describe, expect, it } from "vitest";
import { checkHouse } from "./house.ts";

function problemsOf(path: string, text: string): string[] {
  return checkHouse([{ path, text }]).flatMap((verdict) => (verdict.problems.length > 0 ? [verdict.name] : []));
}

describe("the rules of the house", () => {
  it.each([
    ["server/src/domains/keys/x.ts", 'import { a } from "../channels/index.ts";', "imports go one way"],
    ["server/src/domains/bots/x.ts", 'import { a } from "../channels/store.ts";', "imports go one way"],
    ["server/src/kernel/x.ts", 'import { a } from "../platform/db/index.ts";', "imports go one way"],
    ["engine/src/x.ts", 'import { a } from "../../server/src/config.ts";', "imports go one way"],
    ["server/src/domains/bots/x.ts", "process.env.HOME", "process.env is read in config.ts only"],
    [
      "server/src/domains/bots/x.ts",
      'import { createHash } from "node:crypto";',
      "node:crypto is used in platform/crypto only",
    ],
    ["server/src/domains/bots/x.ts", "await fetch(url)", "outgoing connections are made in platform/outbound only"],
    ["server/src/domains/bots/x.ts", "const a = appStatement<Row>(", "SQL stands in store files and platform/db only"],
    ["server/src/domains/bots/x.ts", "Date.now()", "the clock is read through kernel/clock.ts"],
    ["server/src/domains/bots/x.ts", "Math.random()", "randomness comes from platform/crypto"],
    ["server/src/domains/bots/x.ts", 'throw new Error("x")', "only AppError is thrown"],
  ])("finds in %s: %s", (path, text, rule) => {
    expect(problemsOf(path, text)).toEqual([rule]);
  });

  it("has nothing against a lower tier's index", () => {
    expect(problemsOf("server/src/domains/bots/x.ts", 'import { a } from "../channels/index.ts";')).toEqual([]);
  });
});
