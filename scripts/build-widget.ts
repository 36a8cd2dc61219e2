// Builds the widget into widget/dist, which is checked in so that a server needs no build step. `node
// scripts/build-widget.ts` writes; with `--check` it writes nothing, names what differs from the sources, measures the
// sizes and exits 1 when something is wrong. The same sources always give the same bytes.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { type BuildEnvironmentOptions, build, type InlineConfig, type Plugin } from "vite";
import { sha256 } from "../server/src/platform/crypto/hmac.ts";
import { toIntegrity } from "../server/src/platform/crypto/integrity.ts";
import { drawingAlias, minifyScript, nameWords } from "./widget-config.ts";
import { type BuiltFile, drawTable, judgeSizes, type WidgetManifest } from "./widget-sizes.ts";
import { shortenStyles } from "./widget-styles.ts";

const root = join(import.meta.dirname, "..", "widget");
const dist = join(root, "dist");

const common: InlineConfig = {
  root,
  configFile: false,
  envDir: false,
  logLevel: "warn",
  mode: "production",
  publicDir: false,
  define: { "process.env.NODE_ENV": '"production"' },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  resolve: { alias: drawingAlias },
};

const commonBuild = {
  write: false,
  target: "esnext",
  minify: false,
  cssMinify: "lightningcss",
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
  return findOne(await bundle({ ...common, build: { ...commonBuild, minify: true, lib, rolldownOptions: {} } }), ".js");
};

/** As a library: nothing is added that would load styles and preload scripts. */
const toLibrary = (entry: string): BuildEnvironmentOptions => ({
  ...commonBuild,
  lib: { entry, formats: ["es"], fileName: "embed", cssFileName: "embed" },
});

const output = { entryFileNames: "embed.js", chunkFileNames: "part-[name].js" };

/** Puts everything that the script needs at once into one chunk, and each part that it asks for later into its own. */
async function bundleParts(): Promise<Part[]> {
  const early = new Set<string>();
  const survey: Plugin = {
    name: "survey",
    buildEnd() {
      const visit = (id: string): void => {
        if (early.has(id)) return;
        early.add(id);
        for (const imported of this.getModuleInfo(id)?.importedIds ?? []) visit(imported);
      };
      for (const id of this.getModuleIds()) if (this.getModuleInfo(id)?.isEntry === true) visit(id);
    },
  };
  const groups = [{ name: "shared", test: (id: string) => early.has(id) && !id.endsWith("main.tsx") }];
  const rolldownOptions = { output: { ...output, codeSplitting: { groups } } };
  const library = toLibrary(join(root, "src/embed/main.tsx"));
  return bundle({ ...common, plugins: [survey, nameWords, shortenStyles], build: { ...library, rolldownOptions } });
}

/** The names that a part takes from another one. */
function listImports(source: string, from: string): string[] {
  const imports = source.matchAll(/^import \{([^}]*)\} from "\.\/([^"]+)";$/gm);
  return [...imports].flatMap(([, names = "", name]) =>
    name === from ? names.split(",").map((one) => one.trim().split(" ")[0] ?? "") : [],
  );
}

/** Puts what the script shares with its parts back into the script, from which the parts then import it. */
async function joinShared(parts: readonly Part[]): Promise<Part[]> {
  const script = parts.find(({ name }) => name === "embed.js");
  const shared = parts.find(({ name }) => script?.source.includes(`from "./${name}"`));
  if (script === undefined || shared === undefined) return [...parts];
  const rest = parts.filter((part) => part !== script && part !== shared);
  const wanted = new Set(rest.flatMap(({ source }) => listImports(source, shared.name)));
  const sources = new Map([
    ["entry", `import "script"; export { ${[...wanted].join(", ")} } from "shared";`],
    ["script", script.source.replaceAll(`"./${shared.name}"`, '"shared"')],
    ["shared", shared.source],
  ]);
  const virtual: Plugin = {
    name: "virtual",
    enforce: "pre",
    resolveId(id) {
      const name = basename(id);
      return sources.has(name) ? `\0${name}` : undefined;
    },
    load: (id) => sources.get(id.slice(1)),
  };
  const rolldownOptions = { external: /^\.\/part-/, output };
  const built = await bundle({ ...common, plugins: [virtual], build: { ...toLibrary("entry"), rolldownOptions } });
  const parted = rest.map(({ name, source }) => ({
    name,
    source: source.replaceAll(`"./${shared.name}"`, '"./embed.js"'),
  }));
  // A part beside a script without a folder is named without `./`, which no browser resolves.
  const source = findOne(built, ".js").replaceAll(/import\((["'`])(?=part-)/g, "import($1./");
  return [{ name: "embed.js", source }, ...parted];
}

interface Embed {
  readonly style: string;
  /** The script and its parts by name, under which they also ask for one another. */
  readonly scripts: ReadonlyMap<string, string>;
}

const bundleEmbed = async (): Promise<Embed> => {
  const parts = await bundleParts();
  const style = findOne(parts, ".css");
  const joined = await joinShared(parts.filter(({ name }) => name.endsWith(".js")));
  return { style, scripts: new Map(joined.map(({ name, source }) => [name, minifyScript(name, source)])) };
};

const shortHash = (text: string): string => sha256(text).toString("hex").slice(0, 12);

/** The script and its parts name one another, so one hash over all of them is in each of their names. */
function nameScripts(scripts: ReadonlyMap<string, string>): [name: string, file: string, source: string][] {
  const hash = shortHash([...scripts].flat().join("\n"));
  const toFile = (name: string) => name.replace(/\.js$/, `.${hash}.js`);
  return [...scripts].map(([name, source]) => {
    const linked = source.replace(/(["'`])\.\/([\w-]+\.js)\1/g, (_, quote, to) => `${quote}./${toFile(to)}${quote}`);
    return [name.replace(/\.js$/, ""), toFile(name), linked];
  });
}

function describeFile(file: string, text: string): BuiltFile {
  const integrity = toIntegrity(text);
  return { file, integrity, bytes: Buffer.byteLength(text), gzipBytes: gzipSync(text, { level: 9 }).length };
}

/** Every file of widget/dist by its name, built in memory. */
export async function buildWidget(): Promise<{ files: ReadonlyMap<string, string>; manifest: WidgetManifest }> {
  const loader = await bundleLoader();
  const { style, scripts } = await bundleEmbed();
  const named = [
    ["loader", "loader.js", loader] as const,
    ["style", `embed.${shortHash(style)}.css`, style] as const,
    ...nameScripts(scripts),
  ];
  const described = named.map(([name, file, text]) => [name, describeFile(file, text)] as const);
  const manifest = Object.fromEntries(described) as unknown as WidgetManifest;
  const files = new Map([
    ...named.map(([, file, text]) => [file, text] as const),
    ["manifest.json", `${JSON.stringify(manifest, null, 2)}\n`],
  ]);
  return { files, manifest };
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
  process.stdout.write(drawTable(manifest));
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.some((problem) => problem.startsWith("widget/dist"))) process.stderr.write("Run: npm run widget\n");
  process.exitCode = problems.length === 0 ? 0 : 1;
}

if (import.meta.main) await main(process.argv.includes("--check"));
