import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const folder = new URL(".", import.meta.url);
const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && !name.startsWith("testing"))
  .map((name) => [name, readFileSync(new URL(name, folder), "utf8")] as const);

const allowedPackages = ["@marcbachmann/cel-js", "liquidjs", "re2js", "zod"];

describe.each(sources)("%s", (_name, source) => {
  it("reads no clock, draws no random number and does no I/O", () => {
    const used = source.match(
      /\b(Date\.now|performance|Math\.random|crypto|process|setTimeout|setInterval|fetch|globalThis|eval|Function|async|await)\b(?=[.(<\s]*[.(])/g,
    );
    expect(used ?? []).toEqual([]);
    expect(source).not.toMatch(/new Date\(\s*\)|new RegExp\(/);
  });

  it("imports nothing but the package itself and its four dependencies", () => {
    const imported = [...source.matchAll(/from "([^"]+)"/g)].map((match) => match[1] ?? "");
    const foreign = imported.filter((name) => !name.startsWith(".") && !allowedPackages.includes(name));
    expect(foreign).toEqual([]);
  });
});
