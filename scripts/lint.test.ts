// Holes that a linter keeps out: each is written down as it was made elsewhere, and `npm run check` must refuse it. Also
// what opens a listener, which is told by reading the sources.

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSources } from "./house.ts";

const root = resolve(import.meta.dirname, "..");
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "parley-lint-"));
  cpSync(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions: { strict: true, module: "nodenext", target: "es2024" }, include: ["*.ts"] }),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The rules that a text breaks, by the linter as `npm run check` runs it. */
function lint(text: string): string[] {
  writeFileSync(join(folder, "sample.ts"), text);
  const args = ["--type-aware", "--quiet", "--format", "json", "."];
  const { stdout, error } = spawnSync(join(root, "node_modules/.bin/oxlint"), args, { cwd: folder, encoding: "utf8" });
  if (error !== undefined) throw error;
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string }[] };
  return [...new Set(diagnostics.map(({ code }) => code))].toSorted();
}

const check = "export declare const isRight: (one: string) => Promise<boolean>;\n";

describe("the linter refuses", () => {
  it("nothing of what is written as it should be", () => {
    expect(
      lint(`${check}export const passes = async (one: string): Promise<string> => ((await isRight(one)) ? one : "");`),
    ).toEqual([]);
  });

  it("CVE-2026-39966: a list filtered by a promise, which keeps everything", () => {
    const filtered = "export const mayRead = (all: string[]): string[] => all.filter(async (one) => isRight(one));";
    expect(lint(check + filtered)).toEqual(["typescript(no-misused-promises)"]);
  });

  it("CVE-2026-28514: a check of a password that nobody waits for", () => {
    const asked = 'export const signIn = (one: string): string => (isRight(one) ? "in" : "out");';
    expect(lint(check + asked)).toEqual(["typescript(no-misused-promises)"]);
    const dropped = "export const signIn = (one: string): void => {\n  isRight(one);\n};";
    expect(lint(check + dropped)).toEqual(["typescript(no-floating-promises)"]);
  });

  it("CVE-2025-55346: text that becomes code", () => {
    expect(lint('export const run = (text: string): unknown => new Function(text)("x");')).toContain(
      "eslint(no-new-func)",
    );
    expect(lint("export const run = (text: string): unknown => eval(text);")).toContain("eslint(no-eval)");
  });
});

describe("what listens", () => {
  it("CVE-2026-54309: is the web server, and the demo's receiver on this machine", () => {
    const opens = /\b(?:createServer|createSecureServer|createSocket|WebSocketServer)\(|\.listen\(/;
    const files = readSources().filter(
      ({ path, text }) =>
        /^(?:server|engine)\/src\//.test(path) &&
        !/\.test\.ts$|\/testing\/|hostile-network/.test(path) &&
        opens.test(text),
    );
    expect(files.map(({ path }) => path).toSorted()).toEqual([
      "server/src/commands/chat.ts",
      "server/src/compose.ts",
      "server/src/platform/http/listener.ts",
      "server/src/platform/http/server.ts",
    ]);
    const readText = (name: string): string => readSources().find(({ path }) => path === name)?.text ?? "";
    expect(readText("server/src/demo-callback.ts")).toContain('demoCallback = { host: "127.0.0.1"');
    expect(readText("server/src/commands/chat.ts")).toContain("new URL(demoCallbackUrl)");
  });
});
