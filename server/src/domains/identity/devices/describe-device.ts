// Words for the device a session was started from, so that somebody can tell their own from a stranger's. They come from a
// small table: nothing of what the browser sent is ever shown or stored through here.

/** More of the header is not read. */
const readMax = 512;

type Row = readonly [mark: RegExp, words: string];

/** The first match wins: most browsers also name those they descend from. */
const browsers: readonly Row[] = [
  [/\bEdg(?:e|A|iOS)?\//, "Edge"],
  [/\b(?:OPR|OPiOS|Opera)\b/, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\bVivaldi\//, "Vivaldi"],
  [/\b(?:DuckDuckGo|Ddg)\//, "DuckDuckGo"],
  [/\b(?:Firefox|FxiOS)\//, "Firefox"],
  [/\b(?:HeadlessChrome|Chrome|Chromium|CriOS)\//, "Chrome"],
  [/\bVersion\/[\d.]+ .*\bSafari\//, "Safari"],
  [/^(?:curl|Wget|node|undici|parley|python-requests|Go-http-client|PostmanRuntime|okhttp)\b/i, "A program"],
];

const systems: readonly Row[] = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bMac(?:intosh| OS X)\b/, "macOS"],
  [/\bLinux\b|\bX11\b/, "Linux"],
];

/** "Firefox on Windows", "Safari on iPhone"; "Unknown browser" for what the table does not know. Never throws. */
export function describeDevice(userAgent: string | undefined): string {
  const text = userAgent?.slice(0, readMax) ?? "";
  const browser = findWords(browsers, text) ?? "Unknown browser";
  const system = findWords(systems, text);
  return system === undefined ? browser : `${browser} on ${system}`;
}

function findWords(rows: readonly Row[], text: string): string | undefined {
  return rows.find(([mark]) => mark.test(text))?.[1];
}
