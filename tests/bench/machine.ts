// The machine a result belongs to, with the one figure that decides a durable server's speed: how long fsync takes.

import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";
import { join } from "node:path";
import { monotonicMs } from "./monotonic.ts";
import { median, round } from "./statistics.ts";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryMiB: number;
  readonly system: string;
  readonly node: string;
  readonly postgres: string;
  /** Median of 8 KiB appended and synced, on the file system the database is on. */
  readonly fsyncMs: number;
  /** Processes wanting to run over the minute before the run: well above 0 means that others shared the machine. */
  readonly loadBefore: number;
}

const syncs = 100;

function measureFsyncMs(folder: string): number {
  const path = join(folder, "fsync-probe");
  const file = openSync(path, "w");
  const block = Buffer.alloc(8_192, 1);
  const times = Array.from({ length: syncs }, () => {
    const startMs = monotonicMs();
    writeSync(file, block);
    fdatasyncSync(file);
    return monotonicMs() - startMs;
  });
  closeSync(file);
  rmSync(path);
  return median(times);
}

/** Describes this machine. Takes some 100 fsyncs in `folder`. */
export function describeMachine(folder: string, postgres: string): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryMiB: Math.round(totalmem() / 1_048_576),
    system: `${process.platform} ${process.arch} ${release()}`,
    node: process.version,
    postgres,
    fsyncMs: round(measureFsyncMs(folder), 3),
    loadBefore: round(loadavg()[0] ?? 0, 2),
  };
}
