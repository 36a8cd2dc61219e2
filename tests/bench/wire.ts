// What the mock platform tells the load generator: fixed-size records over a pipe of their own. JSON over process IPC
// costs both sides 15 to 20 us a batch, and the harness shares the cores with what it measures.

export const recordKinds = { reply: 0, inboundWebhook: 1, outboundWebhook: 2, stray: 3 } as const;

export interface Sighting {
  /** One of `recordKinds`. */
  readonly kind: number;
  /** The order number in the text; -1 when there is none. */
  readonly order: number;
  /** Monotonic. */
  readonly atMs: number;
  /** Whom the reply is for, as digits. */
  readonly to: number;
  /** The phone number id that sends. */
  readonly from: number;
}

const fields = 5;
const recordBytes = fields * 8;

/** Collects sightings and hands each batch over as one buffer, at most once a turn of the event loop. */
export class SightingWriter {
  #batch: number[] = [];
  readonly #write: (bytes: Buffer) => void;

  constructor(write: (bytes: Buffer) => void) {
    this.#write = write;
  }

  add({ kind, order, atMs, to, from }: Sighting): void {
    if (this.#batch.length === 0) setImmediate(() => this.#flush());
    this.#batch.push(kind, order, atMs, to, from);
  }

  #flush(): void {
    const values = Float64Array.from(this.#batch);
    this.#batch = [];
    this.#write(Buffer.from(values.buffer));
  }
}

/** Reads sightings from chunks cut anywhere. */
export class SightingReader {
  #rest: Buffer = Buffer.alloc(0);
  readonly #take: (sighting: Sighting) => void;

  constructor(take: (sighting: Sighting) => void) {
    this.#take = take;
  }

  read(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const whole = bytes.length - (bytes.length % recordBytes);
    for (let at = 0; at < whole; at += recordBytes) {
      this.#take({
        kind: bytes.readDoubleLE(at),
        order: bytes.readDoubleLE(at + 8),
        atMs: bytes.readDoubleLE(at + 16),
        to: bytes.readDoubleLE(at + 24),
        from: bytes.readDoubleLE(at + 32),
      });
    }
    this.#rest = bytes.subarray(whole);
  }
}
