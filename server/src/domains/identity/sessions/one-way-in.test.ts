// Reads the source: what counts is not that the paths we know are right, but that there is no other.

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../../..");
const sources = globSync("**/*.ts", { cwd: root }).filter((path) => !/\.test\.ts$|\/testing\//.test(path));

function listUsers(pattern: RegExp): string[] {
  return sources.filter((path) => pattern.test(readFileSync(join(root, path), "utf8"))).sort();
}

describe("a session", () => {
  it("CVE-2026-30831: begins in one function, which every way to sign in calls", () => {
    expect(listUsers(/insert into sessions\b/)).toEqual(["domains/identity/sessions/store.ts"]);
    expect(listUsers(/\binsertSession\(tx, \{/)).toEqual(["domains/identity/sessions/sessions.ts"]);
    expect(listUsers(/\bissueSession\(tx, \{/)).toEqual(["domains/identity/sessions/start-session.ts"]);
    const ways = listUsers(/\bstartSession\(batch, \{/);
    expect(ways).toEqual(
      expect.arrayContaining([
        "domains/identity/sign-in/finish-sign-in.ts",
        "domains/identity/sign-in/passkey-sign-in.ts",
        "domains/identity/sign-in/sign-in.ts",
      ]),
    );
  });
});
