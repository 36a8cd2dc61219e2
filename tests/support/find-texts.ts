// Which texts stand in some bytes, in clear, in hex or in base64 wherever it was begun. One pass for all of them: a database's
// folder is a hundred megabytes, and the texts are hundreds.

interface Needle {
  readonly text: string;
  readonly bytes: Buffer;
}

/** The characters of a text's base64 that stay the same whatever stands around it, for each place in its groups of three. */
function* toBase64(text: string): Generator<string> {
  const length = Buffer.byteLength(text);
  for (const before of [0, 1, 2]) {
    const whole = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]).toString("base64");
    yield whole.slice(Math.ceil((before * 8) / 6), Math.floor(((before + length) * 8) / 6));
  }
}

function toNeedles(text: string): Needle[] {
  const written = [text, Buffer.from(text).toString("hex"), ...toBase64(text)];
  return written.map((one) => ({ text, bytes: Buffer.from(one) }));
}

/** A search for texts of eight bytes or more. */
export function createFinder(texts: readonly string[]): (bytes: Buffer) => Set<string> {
  const byStart = new Map<number, Needle[]>();
  const isStart = new Uint8Array(2 ** 16);
  for (const needle of texts.flatMap(toNeedles)) {
    const start = needle.bytes.readUInt32LE();
    byStart.set(start, [...(byStart.get(start) ?? []), needle]);
    isStart[start & 0xffff] = 1;
  }
  return (bytes) => {
    const found = new Set<string>();
    for (let at = 0; at + 4 <= bytes.length; at += 1) {
      if (isStart[(bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)] === 0) continue;
      for (const { text, bytes: needle } of byStart.get(bytes.readUInt32LE(at)) ?? []) {
        if (needle.equals(bytes.subarray(at, at + needle.length))) found.add(text);
      }
    }
    return found;
  };
}
