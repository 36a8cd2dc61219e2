// What the files of the widget weigh, and whether that is what is promised: the loader under 2 kB, and under 30 kB all that
// a normal visit brings, after gzip. A normal visit opens the chat and talks in one language with all the bot can show but
// players and places; what it does not bring is loaded when it is needed, in parts under 2 kB.

/** The page as the server writes it, at most; `frame-page.test.ts` of the server holds it to that. */
export const pageGzipBytesMax = 945;
const loaderGzipBytesMax = 2_047;
const visitGzipBytesMax = 29_999;
const partGzipBytesMax = 1_999;

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
  readonly [part: string]: BuiltFile;
}

/** What is loaded when it is needed first, and most visits never do. Every other part is counted. */
const rareParts: ReadonlyMap<string, string> = new Map([
  ["part-proof", "a server under attack asks for a proof of work"],
  ["part-storage-locks", "a browser without the Web Locks API"],
  ["part-off-hours", "a channel outside its hours: the sentence and the form"],
  ["part-menu-rows", "the menu: language, transcript, end of the chat"],
  ["part-place", "a message with a place"],
  ["part-leave-word", "the form for off hours is sent"],
  ["part-uploads", "the visitor sends a file"],
  ["part-upload-list", "the visitor sends a file"],
  ["part-drop", "files held over the panel"],
  ["part-preview", "a message with a link preview"],
  ["part-player", "a message with sound or a film"],
]);

/** The catalogues; a visit brings one. */
const isWords = (name: string): boolean => /^part-(?:[a-z]{2}(?:-[A-Z][a-z]+)?)$/.test(name);

interface Row extends Pick<BuiltFile, "file" | "gzipBytes"> {
  readonly isCounted: boolean;
  readonly note: string;
}

const sum = (rows: readonly Row[]): number => rows.reduce((total, { gzipBytes }) => total + gzipBytes, 0);

function listRows(manifest: WidgetManifest): Row[] {
  const words = Object.entries(manifest).filter(([name]) => isWords(name));
  const largest = words.toSorted(([, one], [, other]) => other.gzipBytes - one.gzipBytes)[0]?.[0];
  const page: Row = { file: "(the page, at most)", gzipBytes: pageGzipBytesMax, isCounted: true, note: "" };
  const rest = Object.entries(manifest).map(([name, file]): Row => {
    if (name === "loader") return { ...file, isCounted: false, note: "on the customer's page" };
    if (isWords(name)) return { ...file, isCounted: name === largest, note: "one language a visit" };
    const rare = rareParts.get(name);
    return { ...file, isCounted: rare === undefined, note: rare ?? "" };
  });
  return [page, ...rest];
}

/** Every file with its bytes, and the sums. */
export function drawTable(manifest: WidgetManifest): string {
  const rows = listRows(manifest);
  const draw = (sign: string, bytes: number | string, name: string) =>
    `${sign} ${String(bytes).padStart(7)}  ${name}\n`;
  return [
    "Bytes after gzip; * is what a normal visit brings.\n",
    ...rows.map(({ file, gzipBytes, isCounted, note }) =>
      draw(isCounted ? "*" : " ", gzipBytes, `${file.padEnd(34)} ${note}`.trimEnd()),
    ),
    draw("*", sum(rows.filter(({ isCounted }) => isCounted)), `a normal visit; ${visitGzipBytesMax} are allowed`),
    draw(" ", sum(rows), "everything"),
  ].join("");
}

/** What is too large, a sentence each. */
export function judgeSizes(manifest: WidgetManifest): string[] {
  const judge = (name: string, bytes: number, bytesMax: number) =>
    bytes <= bytesMax ? [] : [`${name} has ${bytes} bytes after gzip; ${bytesMax} are allowed`];
  const rows = listRows(manifest);
  const parts = Object.values(manifest).filter(({ file }) => file.startsWith("part-"));
  return [
    ...judge("the loader", manifest.loader.gzipBytes, loaderGzipBytesMax),
    ...judge("a normal visit", sum(rows.filter(({ isCounted }) => isCounted)), visitGzipBytesMax),
    ...parts.flatMap(({ file, gzipBytes }) => judge(file, gzipBytes, partGzipBytesMax)),
  ];
}
