// Decides what a file is, from its bytes, and whether it is accepted. Whatever the bytes are, the answer is a type of the
// list or an `AppError` that says what to do: hostile, cut or random bytes never end in anything else (CVE-2024-8182).

import { fileTypeFromBuffer } from "file-type";
import { AppError } from "../../kernel/errors.ts";
import { assertHarmlessArchive } from "./archive.ts";
import { fileErrors, refuseFile } from "./errors.ts";
import { type FileName, parseFileName } from "./file-name.ts";
import { acceptedExtensions, binaryTypes, type FileType, findBinaryType, textTypes } from "./file-types.ts";
import type { Gate } from "./gate.ts";
import { readImageMeasures } from "./image-header.ts";
import { findTextMistake } from "./plain-text.ts";
import { type FileKind, fileLimits } from "./types.ts";

export interface InspectedFile {
  readonly name: string;
  /** As it will be served. */
  readonly type: string;
  readonly kind: FileKind;
  readonly bytes: number;
  readonly width?: number;
  readonly height?: number;
}

export interface InspectOptions {
  readonly bytesMax?: number;
  /** Through which archives are unpacked; at once without. */
  readonly archives?: Gate;
  /** Images, audio, video and PDF only: what a page shows. */
  readonly isShown?: boolean;
}

const kilobyte = 1024;
/**
 * How much of a file is looked at to tell what it is: it shows at the beginning, and more would only let hostile bytes cost
 * more (a whole archive without an end costs a tenth of a second). A PNG may have much before its first pixel.
 */
function findHead(bytes: Buffer): Buffer {
  const mark = bytes.subarray(0, 4).toString("latin1");
  if (mark === "\x89PNG") return bytes;
  return bytes.subarray(0, (mark.startsWith("PK") ? 128 : 1024) * kilobyte);
}

/** Found in text of any kind: markup and documents that text would be a disguise for. */
const textDisguises = new Set(["xml", "rtf", "ps", "eps", "html", "svg"]);

async function findContent(bytes: Buffer): Promise<string | undefined> {
  try {
    return (await fileTypeFromBuffer(findHead(bytes)))?.ext;
  } catch {
    // What cannot be told is not accepted.
    return undefined;
  }
}

async function judgeText(type: FileType, name: FileName, bytes: Buffer): Promise<FileType> {
  const mistake = await findTextMistake(bytes);
  const found = await findContent(bytes);
  // Two letters of text can look like a picture's first bytes: in whole text only longer marks count.
  const isOther = found !== undefined && (mistake !== undefined || binaryTypes.has(found) || textDisguises.has(found));
  if (isOther) throw refuseMismatch(name, found);
  if (mistake !== undefined) throw refuseFile(fileErrors.typeRefused, "bytes", mistake);
  return type;
}

function refuseMismatch({ extension }: FileName, found: string): AppError {
  return refuseFile(fileErrors.typeMismatch, "name", `ends in .${extension}, but the file is of the type ${found}`);
}

async function judgeBinary(name: FileName, bytes: Buffer): Promise<{ type: FileType; found: string }> {
  const found = await findContent(bytes);
  const type = found === undefined ? undefined : findBinaryType(found, name.extension, bytes);
  if (found === undefined || type === undefined) {
    const isNamedOther = found !== undefined && acceptedExtensions.has(name.extension);
    if (isNamedOther) throw refuseMismatch(name, found);
    throw refuseFile(fileErrors.typeRefused, "bytes", "must be of a type that is accepted");
  }
  if (name.extension !== "" && !type.extensions.includes(name.extension)) throw refuseMismatch(name, found);
  return { type, found };
}

function assertSize(bytes: Buffer, bytesMax: number): void {
  if (bytes.length === 0) throw refuseFile(fileErrors.empty, "bytes", "must not be empty");
  if (bytes.length <= bytesMax) return;
  throw refuseFile(fileErrors.tooLarge, "bytes", `must be at most ${Math.floor(bytesMax / kilobyte)} KiB`);
}

async function checkArchive(bytes: Buffer, found: string, gate: Gate | undefined): Promise<void> {
  const check = (): Promise<void> => assertHarmlessArchive(bytes, found !== "zip");
  const checked = gate === undefined ? check() : gate(check);
  if (checked === undefined)
    throw new AppError(fileErrors.scanUnavailable, { note: "archives", retryAfterSeconds: 10 });
  await checked;
}

/**
 * What the file is. `name` is refused unless it fits; without one the file is called after its kind. Throws a `files.`
 * error that names the part at fault: name, size, type, measures or content.
 * SECURITY: the type is decided here by the bytes and is the only one the file is ever served as (CVE-2026-41269).
 */
export async function inspectFile(
  bytes: Buffer,
  given: string | undefined,
  { bytesMax = fileLimits.bytesMax, archives, isShown = false }: InspectOptions = {},
): Promise<InspectedFile> {
  assertSize(bytes, bytesMax);
  const name = given === undefined ? { name: "", extension: "" } : parseFileName(given);
  const textType = textTypes.get(name.extension);
  if (textType !== undefined) {
    const { type, kind } = await judgeText(textType, name, bytes);
    return { name: name.name, type, kind, bytes: bytes.length };
  }
  const { type: judged, found } = await judgeBinary(name, bytes);
  const { type, kind, extensions } = judged;
  if (isShown && kind === "file" && found !== "pdf") {
    throw refuseFile(fileErrors.typeRefused, "bytes", "must be an image, audio, video or PDF");
  }
  const measures = kind === "image" ? readImageMeasures(found, bytes) : {};
  if (judged.isArchive === true) await checkArchive(bytes, found, archives);
  const stem = name.name === "" ? kind : name.name;
  const whole = name.extension === "" ? `${stem}.${extensions[0] ?? found}` : stem;
  return { name: whole, type, kind, bytes: bytes.length, ...measures };
}
