// What a round cost each process: CPU of a process and everything below it, memory, and the server's event-loop stalls.
// Reads Linux's /proc; elsewhere CPU and memory are undefined and the report leaves them out.

import { readdirSync, readFileSync } from "node:fs";
import { request } from "undici";

/** Linux counts in hundredths of a second for every reader, whatever the kernel's own tick is. */
const tickMs = 10;
/** prom-client samples the loop every 10 ms and reports the whole interval, so an idle loop reads as 10 ms. */
const samplingMs = 10;

interface Entry {
  readonly parent: number;
  readonly cpuMs: number;
}

function readEntry(pid: number): Entry | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in brackets may hold spaces; the fields after it are counted from the state, field 3.
    const fields = text
      .slice(text.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [user = 0, system = 0, deadUser = 0, deadSystem = 0] = fields.slice(11, 15);
    return { parent: fields[1] ?? 0, cpuMs: (user + system + deadUser + deadSystem) * tickMs };
  } catch {
    return undefined;
  }
}

/**
 * CPU that a process, its living descendants and its reaped children have used, in milliseconds. Only grows while the
 * process lives. Undefined without /proc.
 */
export function cpuMsOfTree(pid: number): number | undefined {
  if (process.platform !== "linux") return undefined;
  const entries = new Map<number, Entry>();
  for (const name of readdirSync("/proc")) {
    const entry = /^\d+$/.test(name) ? readEntry(Number(name)) : undefined;
    if (entry !== undefined) entries.set(Number(name), entry);
  }
  const isBelow = (candidate: number): boolean => {
    for (let at = candidate; at > 1; at = entries.get(at)?.parent ?? 0) if (at === pid) return true;
    return false;
  };
  let total = 0;
  for (const [candidate, entry] of entries) if (isBelow(candidate)) total += entry.cpuMs;
  return total;
}

/** CPU of this process alone, in milliseconds. */
export function cpuMsOfSelf(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Resident memory of one process in MiB, or undefined without /proc. */
export function rssMiBOf(pid: number): number | undefined {
  if (process.platform !== "linux") return undefined;
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) / 1_024;
}

/**
 * The longest stall of the server's event loop since this was last asked, in milliseconds; asking starts the next count.
 * Undefined when the server shows no metrics. Resolution: 10 ms sampling, so a stall shows less by up to that.
 */
export async function readStallMs(baseUrl: string): Promise<number | undefined> {
  const { statusCode, body } = await request(`${baseUrl}/metrics`);
  const text = await body.text();
  const seconds = /^nodejs_eventloop_lag_max_seconds(?:\{[^}]*\})? ([0-9.e+-]+)$/m.exec(text)?.[1];
  if (statusCode !== 200 || seconds === undefined) return undefined;
  return Math.max(0, Number(seconds) * 1_000 - samplingMs);
}
