// What a round costs: processor time of each process from /proc, memory of the server, and the longest stall of its event
// loop as its own metrics tell. Linux only, like every figure the project publishes; elsewhere the costs are 0.

import { readdir, readFile } from "node:fs/promises";

/** proc(5) counts in ticks of 10 ms on every Linux that Node runs on (USER_HZ). */
const tickMs = 10;

export interface Processes {
  readonly server: number;
  /** The postmaster; its sessions count with it. */
  readonly database: number;
  readonly platform: number;
  readonly load: number;
}

/** Milliseconds of processor time since each began. */
export type CpuTimes = Readonly<Record<keyof Processes, number>>;

export interface ProcessStat {
  readonly parent: number;
  readonly ownMs: number;
  /** Of children that ended and were waited for. */
  readonly endedMs: number;
}

/** Reads one line of /proc/<pid>/stat. The name in parentheses may hold spaces and parentheses. */
export function parseStat(line: string): ProcessStat {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const ticks = (first: number): number => (Number(fields[first]) + Number(fields[first + 1])) * tickMs;
  return { parent: Number(fields[1]), ownMs: ticks(11), endedMs: ticks(13) };
}

async function findStat(pid: number): Promise<ProcessStat | undefined> {
  const line = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return line === undefined ? undefined : parseStat(line);
}

async function readFamilyMs(parent: number): Promise<number> {
  const names = await readdir("/proc").catch(() => []);
  const stats = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map((name) => findStat(Number(name))));
  const children = stats.filter((stat) => stat?.parent === parent);
  const own = await findStat(parent);
  // A session that ends moves from the first sum to the second, so nothing is lost between two readings.
  return children.reduce((sum, stat) => sum + (stat?.ownMs ?? 0), (own?.ownMs ?? 0) + (own?.endedMs ?? 0));
}

/** The processor time of each process until this moment. */
export async function readCpu(processes: Processes): Promise<CpuTimes> {
  const own = async (pid: number): Promise<number> => (await findStat(pid))?.ownMs ?? 0;
  const [server, platform, load, database] = await Promise.all([
    own(processes.server),
    own(processes.platform),
    own(processes.load),
    readFamilyMs(processes.database),
  ]);
  return { server, database, platform, load };
}

/** What was used between two readings. */
export function toDifference(before: CpuTimes, after: CpuTimes): CpuTimes {
  return {
    server: after.server - before.server,
    database: after.database - before.database,
    platform: after.platform - before.platform,
    load: after.load - before.load,
  };
}

export interface Memory {
  readonly rssMiB: number;
  readonly peakRssMiB: number;
}

/** Resident memory of a process, and the most it ever had. */
export async function readMemory(pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const toMiB = (name: string): number =>
    Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024);
  return { rssMiB: toMiB("VmRSS"), peakRssMiB: toMiB("VmHWM") };
}

/** The interval at which the event loop's delay is sampled; every sample holds it in full. */
const samplingMs = 10;

/** Reads the longest stall from a scrape of prom-client's default metrics. */
export function parseStallMs(metrics: string): number | undefined {
  const seconds = /^nodejs_eventloop_lag_max_seconds(?:\{[^}]*\})? (\S+)$/m.exec(metrics)?.[1];
  if (seconds === undefined || !Number.isFinite(Number(seconds))) return undefined;
  return Math.max(0, Number(seconds) * 1000 - samplingMs);
}

/**
 * The longest stall of the server's event loop since it was last asked (a scrape starts the measure anew), or undefined
 * when it does not tell.
 */
export async function readStallMs(baseUrl: string): Promise<number | undefined> {
  try {
    const answer = await fetch(`${baseUrl}/metrics`, { signal: AbortSignal.timeout(5_000) });
    return answer.ok ? parseStallMs(await answer.text()) : undefined;
  } catch {
    return undefined;
  }
}
