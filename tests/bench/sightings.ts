// What the mock platform tells the load generator about each message it sees: fixed records of four numbers in batches, one
// write for all that one turn of the event loop saw, so that telling costs next to nothing and waits for nothing.

import { nowMs } from "./monotonic.ts";

/** The parts of a message's way. A message is done when every expected part was seen. */
export const part = { answered: 1, replied: 2, inboundTold: 4, outboundTold: 8 } as const;

export type Part = (typeof part)[keyof typeof part];

export interface Sighting {
  readonly part: Part;
  /** The number in the text: `order <number>`. */
  readonly order: number;
  /** Whom the reply is for, and from which number it goes; 0 for webhooks. */
  readonly to: number;
  readonly from: number;
  readonly atMs: number;
}

const doubles = 4;
const recordBytes = doubles * 8;
// The part takes the lowest four bits beside the order.
const partFactor = 16;

/** Collects sightings and hands them on as bytes at the end of the event loop's turn. */
export function createSightingWriter(write: (bytes: Buffer) => void): (sighting: Omit<Sighting, "atMs">) => void {
  let values: number[] = [];
  const flush = (): void => {
    const bytes = Buffer.from(Float64Array.from(values).buffer);
    values = [];
    write(bytes);
  };
  return ({ part, order, to, from }) => {
    if (values.length === 0) setImmediate(flush);
    values.push(order * partFactor + part, to, from, nowMs());
  };
}

/** A function that takes the bytes as they come and hands on each whole record. */
export function createSightingReader(onSighting: (sighting: Sighting) => void): (chunk: Buffer) => void {
  let rest: Buffer | undefined;
  return (chunk) => {
    const data = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    const whole = data.length - (data.length % recordBytes);
    rest = whole === data.length ? undefined : data.subarray(whole);
    for (let at = 0; at < whole; at += recordBytes) {
      const first = data.readDoubleLE(at);
      onSighting({
        part: (first % partFactor) as Part,
        order: Math.floor(first / partFactor),
        to: data.readDoubleLE(at + 8),
        from: data.readDoubleLE(at + 16),
        atMs: data.readDoubleLE(at + 24),
      });
    }
  };
}
