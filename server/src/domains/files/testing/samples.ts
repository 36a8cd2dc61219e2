// Small files of every accepted type, and an archive maker for hostile ones: it writes what it is told, true or not.

import { crc32, deflateRawSync } from "node:zlib";

export interface ArchiveEntry {
  readonly name: string;
  readonly content?: Buffer | string;
  /** Written instead of the true size. */
  readonly saysBytes?: number;
  /** Unix mode, in the upper half of the external attributes. */
  readonly mode?: number;
  readonly isEncrypted?: boolean;
}

interface Written {
  readonly local: Buffer;
  readonly central: Buffer;
}

function writeEntry(
  { name, content = "", saysBytes, mode = 0o100644, isEncrypted = false }: ArchiveEntry,
  at: number,
): Written {
  const plain = Buffer.from(content);
  const packed = deflateRawSync(plain, { level: 9 });
  const title = Buffer.from(name, "utf8");
  const shared = Buffer.alloc(26);
  shared.writeUInt16LE(20, 0);
  shared.writeUInt16LE(isEncrypted ? 0x801 : 0x800, 2);
  shared.writeUInt16LE(8, 4);
  shared.writeUInt32LE(crc32(plain), 10);
  shared.writeUInt32LE(packed.length, 14);
  shared.writeUInt32LE(saysBytes ?? plain.length, 18);
  shared.writeUInt16LE(title.length, 22);
  const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), shared, title, packed]);
  const tail = Buffer.alloc(14);
  tail.writeUInt32LE(mode * 65_536, 6);
  tail.writeUInt32LE(at, 10);
  // Made by Unix (3), so that the mode counts.
  const central = Buffer.concat([Buffer.from("PK\x01\x02\x14\x03", "latin1"), shared, tail, title]);
  return { local, central };
}

/** A ZIP archive of these entries. */
export function makeArchive(entries: readonly ArchiveEntry[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let at = 0;
  for (const entry of entries) {
    const { local, central } = writeEntry(entry, at);
    locals.push(local);
    centrals.push(central);
    at += local.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, directory, end]);
}

function makePngChunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** A PNG that says it measures so much; `padding` bytes stand in a private chunk. */
export function makePng(width = 3, height = 2, padding: Buffer | string = ""): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const parts = [
    makePngChunk("IHDR", header),
    makePngChunk("paDd", Buffer.from(padding)),
    makePngChunk("IDAT", Buffer.alloc(8)),
  ];
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...parts, makePngChunk("IEND", Buffer.alloc(0))]);
}

/** A JPEG with a profile of `profileBytes` before its frame. */
export function makeJpeg(width = 5, height = 4, profileBytes = 14): Buffer {
  const profile = Buffer.alloc(profileBytes + 4);
  profile.set([0xff, 0xe2]);
  profile.writeUInt16BE(profileBytes + 2, 2);
  const frame = Buffer.from([0xff, 0xc0, 0, 11, 8, 0, 0, 0, 0, 1, 1, 0x11, 0]);
  frame.writeUInt16BE(height, 5);
  frame.writeUInt16BE(width, 7);
  return Buffer.concat([Buffer.from([0xff, 0xd8]), profile, frame, Buffer.from([0xff, 0xda, 0, 2, 0, 0xff, 0xd9])]);
}

export function makeGif(width = 7, height = 6): Buffer {
  const gif = Buffer.alloc(32);
  gif.write("GIF89a", "latin1");
  gif.writeUInt16LE(width, 6);
  gif.writeUInt16LE(height, 8);
  return gif;
}

export function makeWebp(width = 9, height = 8): Buffer {
  const webp = Buffer.alloc(40);
  webp.write("RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0", "latin1");
  webp.writeUIntLE(width - 1, 24, 3);
  webp.writeUIntLE(height - 1, 27, 3);
  return webp;
}

function makeOffice(main: string): Buffer {
  const type = `application/vnd.openxmlformats-officedocument.${main}.main+xml`;
  const types = `<?xml version="1.0"?><Types><Override PartName="/a.xml" ContentType="${type}"/></Types>`;
  return makeArchive([
    { name: "[Content_Types].xml", content: types },
    { name: "word/document.xml", content: "<a/>" },
  ]);
}

const latin = (text: string, bytes = 64): Buffer => Buffer.concat([Buffer.from(text, "latin1"), Buffer.alloc(bytes)]);
const ebml = (codec: string): Buffer => latin(`\x1a\x45\xdf\xa3\x87\x42\x82\x84webm\x86\x85${codec}`);

/** Name, bytes and what they are served as. */
export const accepted: readonly (readonly [name: string, bytes: Buffer, type: string, kind: string])[] = [
  ["photo.png", makePng(), "image/png", "image"],
  ["Photo of the shop.JPG", makeJpeg(), "image/jpeg", "image"],
  ["photo.jpeg", makeJpeg(5, 4, 60_000), "image/jpeg", "image"],
  ["moving.gif", makeGif(), "image/gif", "image"],
  ["small.webp", makeWebp(), "image/webp", "image"],
  ["song.mp3", latin("ID3\x03\0\0\0\0\0\x00\xff\xfb\x90\x64"), "audio/mpeg", "audio"],
  ["memo.m4a", latin("\0\0\0\x18ftypM4A \0\0\0\0M4A isom"), "audio/mp4", "audio"],
  ["android.m4a", latin("\0\0\0\x18ftypisom\0\0\0\0isommp42"), "audio/mp4", "audio"],
  ["voice.ogg", latin(`OggS\0\x02${"\0".repeat(20)}\x01\x1e\x01vorbis`), "audio/ogg", "audio"],
  ["voice.opus", latin(`OggS\0\x02${"\0".repeat(20)}\x01\x13OpusHead`), "audio/ogg", "audio"],
  ["voice.wav", latin("RIFF\x40\0\0\0WAVEfmt "), "audio/wav", "audio"],
  ["recording.webm", ebml("A_OPUS"), "audio/webm", "audio"],
  ["film.webm", ebml("V_VP8A_OPUS"), "video/webm", "video"],
  ["film.mp4", latin("\0\0\0\x18ftypmp42\0\0\0\0mp42isom"), "video/mp4", "video"],
  ["Rechnung 2024.v1.2.pdf", latin("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), "application/pdf", "file"],
  ["notes.txt", Buffer.from("Grüße, 漢字 — <3\r\n\tBM\n", "utf8"), "text/plain; charset=utf-8", "file"],
  [
    "BMW.txt",
    Buffer.from("BMW and MZ are only letters here, whatever they are elsewhere."),
    "text/plain; charset=utf-8",
    "file",
  ],
  ["rows.csv", Buffer.from("\ufeffname;sum\nÄnne;3\n", "utf8"), "text/csv; charset=utf-8", "file"],
  [
    "letter.docx",
    makeOffice("wordprocessingml.document"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "file",
  ],
  [
    "sums.xlsx",
    makeOffice("spreadsheetml.sheet"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "file",
  ],
  [
    "talk.pptx",
    makeOffice("presentationml.presentation"),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "file",
  ],
  [
    "photos.zip",
    makeArchive([{ name: "photos/" }, { name: "photos/a.png", content: makePng() }]),
    "application/zip",
    "file",
  ],
];
