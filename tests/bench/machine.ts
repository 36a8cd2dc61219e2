// The machine the figures come from. A throughput without its disk's fsync says nothing.

import { open, rm } from "node:fs/promises";
import { cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { nowMs } from "./monotonic.ts";
import { toMedian, toRounded } from "./statistics.ts";

export interface Machine {
  readonly cores: number;
  readonly model: string;
  readonly memoryMiB: number;
  readonly system: string;
  readonly node: string;
  /** Median of 8 KiB written and synced. */
  readonly fsyncMs: number;
}

const fsyncTries = 60;

/** Times fsync where the database will be. */
export async function measureFsync(directory: string): Promise<number> {
  const path = join(directory, `parley-fsync-probe-${process.pid}`);
  const file = await open(path, "wx");
  const times: number[] = [];
  try {
    const block = Buffer.alloc(8192, 1);
    for (let count = 0; count < fsyncTries; count += 1) {
      const startMs = nowMs();
      await file.write(block);
      await file.sync();
      times.push(nowMs() - startMs);
    }
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
  return toRounded(toMedian(times), 3);
}

/** Describes this machine. `directory` is on the disk of the database. */
export async function describeMachine(directory: string): Promise<Machine> {
  const processors = cpus();
  return {
    cores: processors.length,
    model: processors[0]?.model.trim() ?? "unknown",
    memoryMiB: Math.round(totalmem() / 1024 / 1024),
    system: `${type()} ${release()}`,
    node: process.version,
    fsyncMs: await measureFsync(directory),
  };
}
