import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { settings } from "../server/src/config.ts";
import { listErrors } from "../server/src/kernel/errors.ts";
import { commands, listDocuments, listStale, readOperations } from "./document.ts";

const folder = mkdtempSync(join(tmpdir(), "parley-documents-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const documents = listDocuments();
const pageOf = (name: string): string => documents.get(name) ?? "";

describe("the generated documents", () => {
  it("are the same text every time", () => {
    expect([...listDocuments()]).toEqual([...documents]);
  });

  it("name every setting, error, operation and command", () => {
    for (const name of Object.keys(settings)) expect(pageOf("settings.md")).toContain(`| \`${name}\` |`);
    for (const { code } of listErrors()) expect(pageOf("errors.md")).toContain(`| \`${code}\` |`);
    for (const { name, method, path } of readOperations()) {
      expect(pageOf("operations.md")).toContain(`| \`${name}\` | \`${method} ${path}\` |`);
      expect(pageOf("openapi.json")).toContain(`"operationId": "${name}"`);
    }
    for (const { name } of commands) expect(pageOf("commands.md")).toContain(`## ${name}\n`);
  });

  it("show no secret's value", () => {
    const secrets = Object.entries(settings).filter(([, setting]) => "isSecret" in setting && setting.isSecret);
    expect(secrets.length).toBeGreaterThan(0);
    for (const [name] of secrets) expect(pageOf("settings.md")).toMatch(new RegExp(`\`${name}\`.*none: a secret \\|`));
  });

  it("that are missing or differ are named as stale, and the others are not", () => {
    for (const [name, text] of documents) writeFileSync(join(folder, name), text);
    expect(listStale(folder)).toEqual([]);
    writeFileSync(join(folder, "errors.md"), "edited by hand\n");
    rmSync(join(folder, "openapi.json"));
    expect(listStale(folder)).toEqual(["errors.md", "openapi.json"]);
  });
});
