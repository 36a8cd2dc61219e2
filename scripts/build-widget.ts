// Builds the widget into widget/dist, which is checked in so that a server needs no build step. `node
// scripts/build-widget.ts` writes; with `--check` it writes nothing, names what differs from the sources, measures the
// sizes and exits 1 when something is wrong. The same sources always give the same bytes.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type InlineConfig } from "vite";
import { sha256 } from "../server/src/platform/crypto/hmac.ts";
import { toIntegrity } from "../server/src/platform/crypto/integrity.ts";

const root = join(import.meta.dirname, "..", "widget");
const dist = join(root, "dist");

/** Bounds in bytes after gzip. The shell is the HTML of the embed page, which the server writes. */
const loaderGzipBytesMax = 2_047;
const embedGzipBytesMax = 29_999;
const shellGzipBytes = 1_200;

export interface BuiltFile {
  readonly file: string;
  /** For the `integrity` attribute. */
  readonly integrity: string;
  readonly bytes: number;
  readonly gzipBytes: number;
}

/** By name; beside the three, what the script of the embed page loads on demand. */
export interface WidgetManifest {
  readonly loader: BuiltFile;
  readonly embed: BuiltFile;
  readonly style: BuiltFile;
  readonly [chunk: string]: BuiltFile;
}

const common: InlineConfig = {
  root,
  configFile: false,
  envDir: false,
  logLevel: "warn",
  mode: "production",
  publicDir: false,
  define: { "process.env.NODE_ENV": '"production"' },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
};

const commonBuild = {
  write: false,
  target: "es2022",
  minify: true,
  sourcemap: false,
  assetsInlineLimit: 0,
  cssCodeSplit: false,
  reportCompressedSize: false,
  modulePreload: false,
} as const;

interface Part {
  readonly name: string;
  readonly source: string;
}

async function bundle(config: InlineConfig): Promise<Part[]> {
  // Vite takes its mode from here before it looks at its options; a test runner has set another.
  const { NODE_ENV: former } = process.env;
  process.env["NODE_ENV"] = "production";
  const result = await build(config).finally(() => {
    if (former === undefined) delete process.env["NODE_ENV"];
    else process.env["NODE_ENV"] = former;
  });
  const outputs = Array.isArray(result) ? result : [result];
  return outputs.flatMap((one) => {
    if (!("output" in one)) throw new Error("the build watches instead of ending");
    return one.output.map((part) => ({
      name: part.fileName,
      source: part.type === "chunk" ? part.code : String(part.source),
    }));
  });
}

function findOne(parts: readonly Part[], ending: string): string {
  const found = parts.filter(({ name }) => name.endsWith(ending));
  const [only] = found;
  if (only === undefined || found.length !== 1)
    throw new Error(`expected one ${ending}, built ${parts.map(({ name }) => name).join(", ")}`);
  return `${only.source.trim()}\n`;
}

const bundleLoader = async (): Promise<string> => {
  const lib = { entry: join(root, "src/loader/loader.ts"), formats: ["iife" as const], name: "ParleyLoader" };
  return findOne(await bundle({ ...common, build: { ...commonBuild, lib, rolldownOptions: {} } }), ".js");
};

interface Embed {
  readonly script: string;
  readonly style: string;
  readonly chunks: readonly Part[];
}

const bundleEmbed = async (): Promise<Embed> => {
  const output = {
    format: "es" as const,
    entryFileNames: "embed.js",
    chunkFileNames: "part-[name].[hash].js",
    assetFileNames: "[name][extname]",
  };
  const rolldownOptions = { input: join(root, "src/embed/main.tsx"), output };
  // Chunks lie beside the script that asks for them, wherever that is served.
  const parts = await bundle({ ...common, base: "./", build: { ...commonBuild, rolldownOptions } });
  const chunks = parts.filter(({ name }) => name.startsWith("part-"));
  // The script's name is made of its bytes, which hold the names of the chunks: they cannot name it in turn.
  const circular = chunks.find(({ source }) => source.includes("embed.js"));
  if (circular !== undefined) throw new Error(`${circular.name} imports from the script that loads it`);
  const rest = parts.filter((part) => !chunks.includes(part));
  return { script: findOne(rest, ".js"), style: findOne(rest, ".css"), chunks };
};

const shortHash = (text: string): string => sha256(text).toString("hex").slice(0, 12);

function describeFile(file: string, text: string): BuiltFile {
  const integrity = toIntegrity(text);
  return { file, integrity, bytes: Buffer.byteLength(text), gzipBytes: gzipSync(text, { level: 9 }).length };
}

/** Every file of widget/dist by its name, built in memory. */
export async function buildWidget(): Promise<{ files: ReadonlyMap<string, string>; manifest: WidgetManifest }> {
  const loader = await bundleLoader();
  const { script, style, chunks } = await bundleEmbed();
  const names = { loader: "loader.js", embed: `embed.${shortHash(script)}.js`, style: `embed.${shortHash(style)}.css` };
  const manifest: WidgetManifest = {
    loader: describeFile(names.loader, loader),
    embed: describeFile(names.embed, script),
    style: describeFile(names.style, style),
    ...Object.fromEntries(chunks.map(({ name, source }) => [name.split(".")[0], describeFile(name, source)])),
  };
  const files = new Map([
    [names.loader, loader],
    [names.embed, script],
    [names.style, style],
    ...chunks.map(({ name, source }) => [name, source] as const),
    ["manifest.json", `${JSON.stringify(manifest, null, 2)}\n`],
  ]);
  return { files, manifest };
}

/** What is too large, a sentence each. A visitor loads one part at most beside the embed page: another language. */
export function judgeSizes({ loader, embed, style, ...chunks }: WidgetManifest): string[] {
  const words = Math.max(0, ...Object.values(chunks).map(({ gzipBytes }) => gzipBytes));
  const whole = embed.gzipBytes + style.gzipBytes + shellGzipBytes + words;
  const judge = (name: string, bytes: number, bytesMax: number) =>
    bytes <= bytesMax ? [] : [`${name} has ${bytes} bytes after gzip; ${bytesMax} are allowed`];
  return [
    ...judge("the loader", loader.gzipBytes, loaderGzipBytesMax),
    ...judge("the embed page with script and style", whole, embedGzipBytesMax),
  ];
}

/** What differs between widget/dist and the given files, a sentence each. */
export function compareDist(files: ReadonlyMap<string, string>): string[] {
  const present = existsSync(dist) ? readdirSync(dist) : [];
  const surplus = present.filter((name) => !files.has(name)).map((name) => `widget/dist/${name} is not built any more`);
  const stale = [...files].flatMap(([name, text]) => {
    if (!present.includes(name)) return [`widget/dist/${name} is missing`];
    return readFileSync(join(dist, name), "utf8") === text ? [] : [`widget/dist/${name} is stale`];
  });
  return [...surplus, ...stale];
}

function writeDist(files: ReadonlyMap<string, string>): void {
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  for (const [name, text] of files) writeFileSync(join(dist, name), text);
}

async function main(isCheck: boolean): Promise<void> {
  const { files, manifest } = await buildWidget();
  if (!isCheck) writeDist(files);
  const problems = [...(isCheck ? compareDist(files) : []), ...judgeSizes(manifest)];
  for (const { file, bytes, gzipBytes } of Object.values(manifest)) {
    process.stdout.write(`${file.padEnd(30)} ${bytes} bytes, ${gzipBytes} after gzip\n`);
  }
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.some((problem) => problem.startsWith("widget/dist"))) process.stderr.write("Run: npm run widget\n");
  process.exitCode = problems.length === 0 ? 0 : 1;
}

if (import.meta.main) await main(process.argv.includes("--check"));
