// What the documents say is there: links, anchors, commands, tests.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { commands } from "../scripts/document.ts";

const root = resolve(import.meta.dirname, "..");
const skipped = new Set(["node_modules", "data", ".git"]);

function listFiles(folder: string, ending: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? listFiles(path, ending) : path.endsWith(ending) ? [path] : [];
  });
}

const read = (path: string): string => readFileSync(path, "utf8");
const pages = listFiles(root, ".md").map((path) => ({ path, name: relative(root, path), text: read(path) }));

const withoutCode = (text: string): string => text.replaceAll(/^```[\s\S]*?^```/gm, "").replaceAll(/`[^`\n]*`/g, "");

function listAnchors(path: string): string[] {
  const headings = read(path).matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** Why a link leads nowhere; undefined when it leads somewhere, or out of the repository. */
function findFault(page: string, target: string): string | undefined {
  if (/^[a-z]+:/.test(target)) return undefined;
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? page : resolve(dirname(page), file);
  if (!existsSync(path)) return `${target}: no such file`;
  if (anchor !== undefined && !listAnchors(path).includes(anchor)) return `${target}: no such heading`;
  return undefined;
}

describe("the documents", () => {
  it.each(pages.map(({ name, path, text }) => [name, { path, text }] as const))(
    "%s links to what is there",
    (_name, page) => {
      const targets = [...withoutCode(page.text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
      expect(targets.flatMap((target) => findFault(page.path, target) ?? [])).toEqual([]);
    },
  );

  it("of security name only files that are there", () => {
    const [model, holes] = ["model", "known-holes"].map((name) => read(join(root, "docs/security", `${name}.md`)));
    const files = [...`${model}${holes}`.matchAll(/`((?:server|engine|tests|scripts)\/[\w./-]+\.(?:ts|sql))`/g)];
    expect(files.length).toBeGreaterThan(20);
    expect(files.map(([, path = ""]) => path).filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it("of security and decisions quote only tests that are there", () => {
    const tests = listFiles(root, ".test.ts").map(read).join("\n");
    const quoting = pages.filter(({ name }) => /^docs\/(?:security|decisions)\//.test(name));
    const quoted = quoting.flatMap(({ text }) => {
      const told =
        text.startsWith("# Known holes") || text.startsWith("# Security model") ? text : text.split("## Kept by")[1];
      return [...(told ?? "").replaceAll(/\s+/g, " ").matchAll(/"([^"|`]{12,200})"/g)].map(([, title = ""]) => title);
    });
    expect(quoted.length).toBeGreaterThan(40);
    // A count stands in the title of the whole suite and is a variable in its source.
    expect(quoted.filter((title) => !tests.includes(title.replace(/^\d+ /, "")))).toEqual([]);
  });

  it("name every command in the README, and none that is not there", () => {
    const rows = [...read(join(root, "README.md")).matchAll(/^\| `([a-z-]+)(?: seed)?` \|/gm)].map(([, name]) => name);
    expect(rows).toEqual(commands.map((command) => command.name));
  });

  it("name only npm scripts that are there", () => {
    const { scripts } = JSON.parse(read(join(root, "package.json"))) as { scripts: Record<string, string> };
    const named = pages.flatMap(({ text }) => [...text.matchAll(/npm run (?:--silent )?([a-z]+)/g)]);
    expect(named.map(([, name = ""]) => name).filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it("give every setting they name a place in the reference", () => {
    const reference = read(join(root, "docs/generated/settings.md"));
    const named = pages.flatMap(({ text }) => [...text.matchAll(/\bPARLEY_[A-Z_]+[A-Z]\b/g)].map(([name]) => name));
    expect(named.filter((name) => !reference.includes(`\`${name}\``))).toEqual([]);
  });

  it("keep every decision to sixty lines, with what was rejected", () => {
    const decisions = pages.filter(({ name }) => name.startsWith("docs/decisions/"));
    expect(decisions.length).toBeGreaterThan(0);
    expect(decisions.filter(({ text }) => text.split("\n").length > 61 || !text.includes("## Rejected"))).toEqual([]);
  });
});
