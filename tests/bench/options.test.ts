import { describe, expect, it } from "vitest";
import { helpText, parseOptions } from "./options.ts";

describe("the command line of the benchmark", () => {
  it("measures everything, for 1 and 100 apps, unless told otherwise", () => {
    const all = { apps: [1, 100], inFlight: 32, sections: ["ratio", "webhook", "protections", "growth"] };
    expect(parseOptions([])).toMatchObject(all);
    expect(parseOptions(["--only", "growth", "--apps", "3"])).toMatchObject({ sections: ["growth"], apps: [3] });
  });

  it.each([
    ["--rounds", "0"],
    ["--rounds", "1.5"],
    ["--rounds", "1e3"],
    ["--in-flight", "513"],
    ["--apps", "1,,2"],
    ["--seconds", "NaN"],
    ["--only", "speed"],
    ["--members", "5"],
    ["--fast", "yes"],
  ])("refuses %s %s and names the option", (name, value) => {
    expect(() => parseOptions([name, value])).toThrow(name);
  });

  it("explains every option it takes", () => {
    for (const name of ["json", "quick", "only", "apps", "rounds", "seconds", "in-flight", "members", "profile"]) {
      expect(helpText).toContain(`--${name}`);
    }
    expect(parseOptions(["--quick", "--help"])).toBe("help");
  });
});
