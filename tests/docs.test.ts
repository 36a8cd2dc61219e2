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

interface Hole {
  readonly ids: readonly string[];
  /** Each test that covers it: its file and what is quoted of its title. */
  readonly tests: readonly { readonly file: string; readonly title: string }[];
}

/** The rows of a part of the known holes; of those that do not apply, without tests. */
function listHoles(part: string): Hole[] {
  const rows = part.split("\n").filter((line) => /^\| (?!hole \|)/.test(line));
  return rows.map((row) => {
    const cells = row.split(" | ").map((cell) => cell.replaceAll(/^\| | \|$/g, ""));
    const tests = [...(cells[3] ?? "").matchAll(/`([^`]+\.test\.ts)`, "([^"]+)"/g)];
    return {
      ids: (cells[0] ?? "").split(", "),
      tests: tests.map(([, file = "", title = ""]) => ({ file, title })),
    };
  });
}

/** The lines of a test file that hold its titles: texts that begin a test or a group, on their own line or after `it(`. */
function listTitles(file: string): string[] {
  const path = join(root, file);
  const lines = existsSync(path) ? read(path).split("\n") : [];
  return lines.filter((line) => /(?:^\s*|[(])["`].*["`],|\b(?:it|describe)\(/.test(line));
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
    const files = [
      ...`${model}${holes}`.matchAll(/`((?:server|engine|richtext|tests|scripts)\/[\w./-]+\.(?:ts|sql))`/g),
    ];
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

  it("of known holes name each once, with a test that has its id in its title, or with why it does not apply", () => {
    const parts = read(join(root, "docs/security/known-holes.md")).split(/^## /m);
    const [covered, others, waived] = [parts.slice(1, 6), parts.slice(6, 7), parts.slice(7)].map((some) =>
      some.flatMap(listHoles),
    ) as [Hole[], Hole[], Hole[]];
    const ids = [covered, others, waived].flat().flatMap((hole) => hole.ids);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    expect([covered, others, waived].map((holes) => holes.length > 10)).toEqual([true, true, true]);
    const isShown = (id: string, { tests }: Hole): boolean =>
      tests.some(({ file, title }) => listTitles(file).some((line) => line.includes(id) && line.includes(title)));
    const unshown = covered.flatMap((hole) => hole.ids.filter((id) => !isShown(id, hole)));
    expect(unshown).toEqual([]);
    const quoted = [...covered, ...others].flatMap((hole) => hole.tests);
    expect(quoted.filter(({ file, title }) => !listTitles(file).some((line) => line.includes(title)))).toEqual([]);
    expect(quoted.length).toBeGreaterThan(60);
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
