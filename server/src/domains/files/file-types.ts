// The types of files that are accepted: what the bytes are found to be, what the name may end in, and what they are served
// as. Whatever is not here is refused; pages and drawings that a browser would run (HTML, SVG, XML) never get in.

import type { FileKind } from "./types.ts";

export interface FileType {
  /** As served. */
  readonly type: string;
  readonly kind: FileKind;
  /** What a name may end in; the first is added to a name without. */
  readonly extensions: readonly string[];
  readonly isArchive?: boolean;
}

const office = "application/vnd.openxmlformats-officedocument";

/** By what `file-type` calls the content. */
export const binaryTypes: ReadonlyMap<string, FileType> = new Map<string, FileType>([
  ["png", { type: "image/png", kind: "image", extensions: ["png"] }],
  ["apng", { type: "image/png", kind: "image", extensions: ["png", "apng"] }],
  ["jpg", { type: "image/jpeg", kind: "image", extensions: ["jpg", "jpeg", "jpe", "jfif"] }],
  ["gif", { type: "image/gif", kind: "image", extensions: ["gif"] }],
  ["webp", { type: "image/webp", kind: "image", extensions: ["webp"] }],
  ["mp3", { type: "audio/mpeg", kind: "audio", extensions: ["mp3"] }],
  ["m4a", { type: "audio/mp4", kind: "audio", extensions: ["m4a"] }],
  ["ogg", { type: "audio/ogg", kind: "audio", extensions: ["ogg", "oga"] }],
  ["opus", { type: "audio/ogg", kind: "audio", extensions: ["ogg", "oga", "opus"] }],
  ["wav", { type: "audio/wav", kind: "audio", extensions: ["wav"] }],
  ["webm", { type: "video/webm", kind: "video", extensions: ["webm"] }],
  ["mp4", { type: "video/mp4", kind: "video", extensions: ["mp4"] }],
  ["pdf", { type: "application/pdf", kind: "file", extensions: ["pdf"] }],
  ["docx", { type: `${office}.wordprocessingml.document`, kind: "file", extensions: ["docx"], isArchive: true }],
  ["xlsx", { type: `${office}.spreadsheetml.sheet`, kind: "file", extensions: ["xlsx"], isArchive: true }],
  ["pptx", { type: `${office}.presentationml.presentation`, kind: "file", extensions: ["pptx"], isArchive: true }],
  ["zip", { type: "application/zip", kind: "file", extensions: ["zip"], isArchive: true }],
]);

/** Known by the name alone, and only when the bytes are plain text. */
export const textTypes: ReadonlyMap<string, FileType> = new Map<string, FileType>([
  ["txt", { type: "text/plain; charset=utf-8", kind: "file", extensions: ["txt"] }],
  ["csv", { type: "text/csv; charset=utf-8", kind: "file", extensions: ["csv"] }],
]);

/** Sound in the container of films: MPEG-4 says so in its name only, WebM in its codecs. */
const audioInMp4: FileType = { type: "audio/mp4", kind: "audio", extensions: ["m4a"] };
const audioInWebm: FileType = { type: "audio/webm", kind: "audio", extensions: ["webm", "weba"] };
const headBytes = 65_536;

/** The type for what was found, told apart further by name and head where the container alone does not say. */
export function findBinaryType(found: string, extension: string, bytes: Buffer): FileType | undefined {
  if (found === "mp4" && extension === "m4a") return audioInMp4;
  if (found === "webm") {
    const head = bytes.subarray(0, headBytes).toString("latin1");
    if (/A_(?:OPUS|VORBIS)/.test(head) && !/V_[A-Z]/.test(head)) return audioInWebm;
  }
  return binaryTypes.get(found);
}

/** Every ending that is accepted. */
export const acceptedExtensions: ReadonlySet<string> = new Set(
  [...binaryTypes.values(), ...textTypes.values(), audioInWebm].flatMap(({ extensions }) => extensions),
);

/**
 * Endings of what some machine would run, or some server serve as a page. Not `com`, `app` and `pl`: names hold host names.
 */
export const runnableExtensions: ReadonlySet<string> = new Set(
  `asp aspx ascx bat cgi chm cmd cpl dll docm dotm elf exe gadget hta htm html htaccess inf jar jnlp js jse jsp jspx lnk mht
   mhtml mjs msc msi msp php php3 php4 php5 php7 php8 phar phps pht phtml pif pptm ps1 psm1 py pyc rb reg scr sct sh shb shtm
   shtml svg svgz swf url vb vbe vbs war wasm wsc wsf wsh xht xhtml xll xlsm xml xsl xslt`.split(/\s+/),
);
