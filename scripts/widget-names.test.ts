import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { en } from "../widget/src/embed/texts/en.ts";
import { spokenKeys } from "./widget-config.ts";
import { privateNames } from "./widget-names.ts";

const root = join(import.meta.dirname, "..");
const read = (...patterns: string[]): string =>
  globSync(patterns, { cwd: root })
    .filter((path) => !/\.test\.tsx?$|\/testing\//.test(path))
    .map((path) => readFileSync(join(root, path), "utf8"))
    .join("\n");
const listFound = (text: string, toPattern: (name: string) => string): string[] =>
  privateNames.filter((name) => new RegExp(toPattern(name)).test(text));

describe("the names that the build of the widget shortens", () => {
  it("are none that the server writes or the page's settings have", () => {
    const text = read("widget/src/client/config.ts", "server/src/embed/config.ts");
    expect(text).toMatch(/\bisOffHours\b/);
    expect(listFound(text, (name) => `\\b${name}\\b`)).toEqual([]);
    const client = read("widget/src/client/*.ts");
    expect(client).toMatch(/\bfields\.clientId\b/);
    expect(listFound(client, (name) => `\\b(?:fields|view|word)\\.${name}\\b`)).toEqual([]);
  });

  it("are none that calls carry to the server", () => {
    const text = read("server/src/domains/visitors/**/*.ts", "server/src/domains/chat/**/*.ts");
    expect(text).toMatch(/\bclientId: /);
    expect(listFound(text, (name) => `\\b${name}: z\\.`)).toEqual([]);
  });

  it("are none that the shelf keeps", () => {
    const [text = ""] = read("widget/src/client/keeper.ts").split("export interface Keeper");
    expect(text).toMatch(/\brotationId\b/);
    expect(listFound(text, (name) => `readonly ${name}\\b`)).toEqual([]);
    const [, message = ""] = /interface Message \{(.*?)\n\}/s.exec(read("widget/src/client/types.ts")) ?? [];
    expect(message).toMatch(/\bpreview\b/);
    expect(listFound(message, (name) => `readonly ${name}\\b`)).toEqual([]);
  });

  it("are none that the host's page hears or the loader says", () => {
    const text = read("widget/parley.d.ts", "widget/src/loader/loader.ts");
    expect(text).toMatch(/\bidentityRefused\b/);
    expect(listFound(text, (name) => `\\b${name}\\b`)).toEqual([]);
  });

  it("are none that a browser knows", () => {
    const text = read("node_modules/{typescript,@typescript/*}/lib/lib.{dom,es20*,esnext}*.d.ts");
    expect(text).toMatch(/\bisConnected: /);
    expect(listFound(text, (name) => `\\b${name}\\??[:(]`)).toEqual([]);
  });

  it("are never spoken as text, by which a property could be asked for under its long name", () => {
    const text = read("widget/src/{client,drawing,embed,text}/**/*.{ts,tsx}", "richtext/src/*.ts")
      .replace(/^\s*(?:\/\/|\/?\*).*$/gm, "")
      .replace(/Pick<[^>]*>/g, "");
    expect(listFound(text, (name) => `["'\`]${name}["'\`]`)).toEqual([]);
  });

  it("leave the words their names that are asked for by a value, and there are no others of those", () => {
    const text = read("widget/src/embed/**/*.{ts,tsx}");
    const asked = [...text.matchAll(/\b(?:texts|phrases)\[([^\]]*)\]?/g)].map(([, by]) => by);
    // The last one asks the channel's own texts for a locale.
    const known = [
      "content.type",
      "content.type",
      "key",
      "reason",
      "related ?? defaultLocale",
      "rule?.[1",
      'status as "sent"',
    ];
    expect(asked.toSorted()).toEqual(known);
    const rules = read("widget/src/embed/{problem-text,file-problem-text}.ts");
    const keys = [...rules.matchAll(/"(\w+)"\]/g)].map(([, key = ""]) => key);
    expect(keys.length).toBeGreaterThan(13);
    expect([...keys, "problem"].filter((key) => !spokenKeys.includes(key))).toEqual([]);
    expect(spokenKeys.filter((key) => !(key in en))).toEqual([]);
  });
});
