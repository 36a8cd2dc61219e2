// How large an image is, from its header. The reader is given no more than the header: what it costs does not grow with the
// file, and a file that is all traps is read as one that says nothing.

import { imageSize } from "image-size";
import { fileErrors, refuseFile } from "./errors.ts";
import { fileLimits } from "./types.ts";

export interface ImageMeasures {
  readonly width: number;
  readonly height: number;
}

const headerBytesMax = 64;
/** Where the measures end: a file that ends before says none. */
const headerBytesMin: Readonly<Record<string, number>> = { png: 33, apng: 33, gif: 13, webp: 30 };
const segmentsMax = 2_000;
const marker = { exif: 0xe1, scan: 0xda, end: 0xd9 } as const;
/** Baseline, extended and progressive: what browsers show. */
const frames = new Set([0xc0, 0xc1, 0xc2]);

/**
 * A JPEG's header without what stands between its parts: an EXIF segment and the frame. Undefined when there is no frame.
 * Each step goes forward by a segment, so hostile lengths end the walk and never prolong it.
 */
function toJpegHeader(bytes: Buffer): Buffer | undefined {
  let exif: Buffer | undefined;
  let at = 2;
  for (let step = 0; step < segmentsMax && at + 4 <= bytes.length; step += 1) {
    const kind = bytes[at + 1] ?? 0;
    if (bytes[at] !== 0xff || kind === marker.scan || kind === marker.end) return undefined;
    if (kind === 0xff) {
      at += 1;
      continue;
    }
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    if (end > bytes.length || end < at + 4) return undefined;
    const segment = bytes.subarray(at, end);
    if (kind === marker.exif) exif ??= segment;
    if (frames.has(kind)) {
      // The reader passes over the first segment, whatever it is: here an empty one.
      const start = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 2]);
      return Buffer.concat([start, ...(exif === undefined ? [] : [exif]), segment, Buffer.alloc(16)]);
    }
    at = end;
  }
  return undefined;
}

function findHeader(found: string, bytes: Buffer): Buffer | undefined {
  if (found === "jpg") return toJpegHeader(bytes);
  return bytes.length < (headerBytesMin[found] ?? 0) ? undefined : bytes.subarray(0, headerBytesMax);
}

function findSize(found: string, bytes: Buffer): ImageMeasures | undefined {
  const header = findHeader(found, bytes);
  if (header === undefined) return undefined;
  try {
    const { width, height, type, orientation = 1 } = imageSize(header);
    if (type !== (found === "apng" ? "png" : found)) return undefined;
    // 5 to 8: the camera was held upright, and the image is shown turned.
    return orientation >= 5 ? { width: height, height: width } : { width, height };
  } catch {
    return undefined;
  }
}

const isMeasure = (value: number): boolean => Number.isSafeInteger(value) && value > 0;

/**
 * The measures an image of type `found` says it has. Throws `files.damaged` when it says none, and `files.image_too_large`
 * for more than a browser should be made to unpack.
 */
export function readImageMeasures(found: string, bytes: Buffer): ImageMeasures {
  const size = findSize(found, bytes);
  if (size === undefined || !isMeasure(size.width) || !isMeasure(size.height)) {
    throw refuseFile(fileErrors.damaged, "bytes", "must be a whole image: its header says no size");
  }
  const { width, height } = size;
  const isOver = Math.max(width, height) > fileLimits.imageSideMax || width * height > fileLimits.imagePixelsMax;
  if (isOver) throw refuseFile(fileErrors.imageTooLarge, "bytes", `measures ${width} by ${height} pixels`);
  return { width, height };
}
