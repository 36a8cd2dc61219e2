// The rules of the house that no linter knows: which folder may import which, the only homes of the environment, of
// node:crypto, of outgoing connections, of SQL and of the clock. Reads source text; used by `check.ts` and its test.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";

export interface SourceFile {
  /** From the repository's root, with `/`. */
  readonly path: string;
  readonly text: string;
}

export interface Verdict {
  readonly name: string;
  readonly problems: readonly string[];
}

const root = resolve(import.meta.dirname, "..");
const skipped = new Set(["node_modules", "data", ".git", "generated"]);

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? listFiles(path) : /\.tsx?$/.test(path) ? [path] : [];
  });
}

/** Every TypeScript file of the repository. */
export function readSources(): SourceFile[] {
  return listFiles(root).map((path) => ({
    path: relative(root, path).split(sep).join("/"),
    text: readFileSync(path, "utf8"),
  }));
}

const isTest = (path: string): boolean => /\.test\.tsx?$|\/testing\/|^tests\//.test(path);

/** The tiers of `server/src/domains`: a domain may import lower tiers and, by name, nothing of its own tier. */
const tiers: Readonly<Record<string, number>> = {
  audit: 0,
  keys: 0,
  secrets: 0.5,
  notices: 0,
  letters: 0.5,
  identity: 1,
  organisations: 1.3,
  tokens: 1.6,
  channels: 2,
  integrations: 2,
  files: 2,
  bots: 3,
  conversations: 4,
  webhooks: 5,
  governance: 5,
  analytics: 5,
  visitors: 5,
};

interface Import {
  readonly from: string;
  readonly to: string;
}

function listImports(file: SourceFile): Import[] {
  const found = file.text.matchAll(/(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g);
  return [...found].map((match) => ({
    from: file.path,
    to: relative(root, resolve(root, dirname(file.path), match[1] ?? ""))
      .split(sep)
      .join("/"),
  }));
}

function domainOf(path: string): string | undefined {
  return /^server\/src\/domains\/([^/]+)\//.exec(path)?.[1];
}

const layers = ["kernel", "platform", "domains", "api"];

function layerOf(path: string): number {
  return layers.findIndex((layer) => path.startsWith(`server/src/${layer}/`));
}

function judgeImport({ from, to }: Import): string | undefined {
  const problem = `${from} imports ${to}`;
  if (!from.startsWith("tests/") && to.startsWith("tests/")) return `${problem}: nothing imports tests`;
  if (from.startsWith("engine/") && !to.startsWith("engine/")) return `${problem}: the engine imports nothing`;
  if (from.startsWith("richtext/") && !to.startsWith("richtext/")) return `${problem}: richtext imports nothing`;
  if (from.startsWith("widget/src/") && !/^widget\//.test(to) && !isTest(from)) {
    return `${problem}: what goes to browsers is not taken from the server`;
  }
  const [fromLayer, toLayer] = [layerOf(from), layerOf(to)];
  if (fromLayer >= 0 && !isTest(from) && (toLayer > fromLayer || (toLayer < 0 && to.startsWith("server/src/")))) {
    return `${problem}: only towards the kernel`;
  }
  const [fromDomain, toDomain] = [domainOf(from), domainOf(to)];
  if (fromDomain === undefined || toDomain === undefined || fromDomain === toDomain) return undefined;
  if (!to.endsWith(`/${toDomain}/index.ts`) && !isTest(from)) return `${problem}: only another domain's index.ts`;
  // A test may put a scene together from any domain.
  if (isTest(from)) return undefined;
  const isLower = (tiers[toDomain] ?? 9) < (tiers[fromDomain] ?? -1);
  return isLower ? undefined : `${problem}: only a lower tier`;
}

interface Home {
  readonly name: string;
  readonly pattern: RegExp;
  readonly isHome: (path: string) => boolean;
}

/** Source that browsers run, or that writes what they show. */
const isShown = (path: string): boolean =>
  /^(?:widget|dashboard|server\/src\/(?:embed|pages))\//.test(path) && !isTest(path);

/** The one place where the widget meets the network, the clock and the store of the browser. */
const isBrowser = (path: string): boolean => path === "widget/src/client/browser.ts";

const homes: readonly Home[] = [
  {
    name: "process.env is read in config.ts only",
    pattern: /process\.env\b/,
    isHome: (path) => path === "server/src/config.ts" || /^(tests|scripts)\//.test(path) || isTest(path),
  },
  {
    name: "node:crypto is used in platform/crypto only",
    pattern: /from "node:crypto"/,
    isHome: (path) => path.startsWith("server/src/platform/crypto/") || isTest(path),
  },
  {
    name: "outgoing connections are made in platform/outbound only",
    pattern:
      /\bfetch\(|from "undici"|\b(?:http|https|net|tls)\.(?:request|connect|get)\(|from "(?:axios|got|node-fetch)"/,
    isHome: (path) =>
      path.startsWith("server/src/platform/outbound/") ||
      isTest(path) ||
      path === "server/src/commands/chat.ts" ||
      isBrowser(path),
  },
  {
    name: "SQL stands in store files and platform/db only",
    pattern: /(?:app|organisation|user|system)Statement(?:<|\()/,
    isHome: (path) => /store\.ts$/.test(path) || path.startsWith("server/src/platform/db/") || isTest(path),
  },
  {
    name: "the clock is read through kernel/clock.ts",
    pattern: /Date\.now\(\)|new Date\(\)/,
    isHome: (path) =>
      path === "server/src/kernel/clock.ts" ||
      path === "server/src/platform/log/log.ts" ||
      isBrowser(path) ||
      /^(tests|scripts)\//.test(path) ||
      isTest(path),
  },
  {
    name: "randomness comes from platform/crypto",
    pattern: /Math\.random\(/,
    isHome: () => false,
  },
  {
    name: "only AppError is thrown",
    pattern: /throw new (?!AppError\b)[A-Z]\w*\(/,
    isHome: (path) => !path.startsWith("server/src/") || isTest(path),
  },
  {
    // SECURITY: what a browser shows is made of elements and text; nothing there turns text into a document or a window.
    name: "pages and the widget never make HTML or windows from text",
    pattern:
      /dangerouslySetInnerHTML|\b(?:inner|outer)HTML\b|insertAdjacentHTML|\bsrcdoc\b|\b(?:window|globalThis|self|top|parent)\.open\b|\bdocument\.(?:write(?:ln)?|open)\b|createContextualFragment|parseFromString|(?:set|parse)HTML(?:Unsafe)?\(/i,
    isHome: (path) => !isShown(path),
  },
  {
    name: "a frame has a sandbox from the start",
    pattern:
      /<iframe\b(?![^>]*\ssandbox=)|createElement\(\s*["'`]iframe["'`](?![\s\S]{0,300}?(?:\.sandbox\b|setAttribute\(\s*["'`]sandbox["'`]))|\bh\(\s*["'`]iframe["'`](?![^)]*\bsandbox:)/,
    isHome: (path) => !isShown(path),
  },
];

/** What breaks the rules, by rule. */
export function checkHouse(files: readonly SourceFile[] = readSources()): Verdict[] {
  const imports = files.flatMap(listImports).map(judgeImport);
  const verdicts = homes.map((home) => ({
    name: home.name,
    problems: files
      .filter(
        (file) =>
          !file.path.startsWith("scripts/house") &&
          !home.isHome(file.path) &&
          home.pattern.test(withoutComments(file.text)),
      )
      .map((file) => file.path),
  }));
  return [{ name: "imports go one way", problems: imports.filter((problem) => problem !== undefined) }, ...verdicts];
}

function withoutComments(text: string): string {
  return text.replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, "");
}
