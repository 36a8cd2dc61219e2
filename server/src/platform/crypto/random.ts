// Randomness, from the operating system's generator only.

import { randomBytes, randomFillSync } from "node:crypto";
import type { Clock } from "../../kernel/clock.ts";
import { systemClock } from "../../kernel/clock.ts";
import { fromBytes, type Id, type IdKind } from "../../kernel/ids.ts";

const poolBytes = 8192;
const pool = Buffer.allocUnsafe(poolBytes);
let poolUsed = poolBytes;

/** `size` random bytes. For many small draws at once it reads the generator in blocks. */
export function drawBytes(size: number): Buffer {
  if (size > 256) return randomBytes(size);
  if (poolUsed + size > poolBytes) {
    randomFillSync(pool);
    poolUsed = 0;
  }
  const drawn = Buffer.from(pool.subarray(poolUsed, poolUsed + size));
  pool.fill(0, poolUsed, poolUsed + size);
  poolUsed += size;
  return drawn;
}

/** A number in [0, 1) with 32 random bits: for jitter and for picking a variation, never for a secret. */
export function drawFraction(): number {
  return drawBytes(4).readUInt32BE(0) / 2 ** 32;
}

let lastMs = 0;
let sequence = 0;

/**
 * A UUIDv7 (RFC 9562 5.7, method 1 of 6.2): 48 bits of milliseconds, a 12-bit counter that keeps ids of one process in
 * order, 62 random bits.
 */
export function newId<K extends IdKind>(kind: K, clock: Clock = systemClock): Id<K> {
  const nowMs = clock.nowMs();
  if (nowMs > lastMs) {
    lastMs = nowMs;
    sequence = drawBytes(2).readUInt16BE(0) & 0x3ff;
  } else if (++sequence > 0xfff) {
    lastMs += 1;
    sequence = 0;
  }
  const bytes = Buffer.allocUnsafe(16);
  bytes.writeUIntBE(lastMs, 0, 6);
  bytes.writeUInt16BE(0x7000 | sequence, 6);
  drawBytes(8).copy(bytes, 8);
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return fromBytes(kind, bytes);
}
