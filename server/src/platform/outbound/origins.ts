// One connection pool for each origin, how many requests it may have on the wire and how many may wait for it. Waiting
// happens here and not in the pool, because a request that gives up there takes a healthy connection down with it. The
// pools are kept here and not in undici's `Agent`, which never forgets an origin whose connections all failed at once.

import type { Dispatcher } from "undici";

/** What waits for and runs on an origin's connections. It calls `leave` once when it is done. */
export interface OriginJob {
  startOn(dispatcher: Dispatcher): void;
}

export interface Origins {
  /** Starts `job` at once or makes it wait its turn. Answers no when too many requests wait or origins are in use. */
  enter(origin: string, job: OriginJob): boolean;
  /** Takes a waiting job out. Does nothing for one that has started. */
  abandon(origin: string, job: OriginJob): void;
  /** A started job is done: starts the next one. */
  leave(origin: string): void;
  /** Destroys every connection; jobs on them fail. */
  destroy(): Promise<void>;
}

export interface OriginsOptions {
  readonly runningMax: number;
  readonly waitingMax: number;
  readonly originsMax: number;
  /** An origin is forgotten when it had nothing to do for one to two of these. */
  readonly sweepMs: number;
  createPool(origin: string): Dispatcher;
}

interface Line {
  readonly pool: Dispatcher;
  readonly waiting: Set<OriginJob>;
  running: number;
  usedSinceSweep: boolean;
}

/** Runs jobs in order of arrival, at most `runningMax` at a time for one origin. */
export function createOrigins(options: OriginsOptions): Origins {
  const lines = new Map<string, Line>();
  const sweeper = setInterval(() => sweep(lines), options.sweepMs).unref();
  return {
    enter(origin, job) {
      const line = lines.get(origin) ?? openLine(lines, origin, options);
      if (line === undefined) return false;
      line.usedSinceSweep = true;
      if (line.running >= options.runningMax) {
        if (line.waiting.size >= options.waitingMax) return false;
        line.waiting.add(job);
        return true;
      }
      line.running += 1;
      job.startOn(line.pool);
      return true;
    },
    abandon(origin, job) {
      lines.get(origin)?.waiting.delete(job);
    },
    leave(origin) {
      const line = lines.get(origin);
      if (line === undefined) return;
      const next = line.waiting.values().next();
      if (next.done === true) {
        line.running -= 1;
        return;
      }
      line.waiting.delete(next.value);
      next.value.startOn(line.pool);
    },
    async destroy() {
      clearInterval(sweeper);
      const pools = [...lines.values()].map(({ pool }) => pool);
      await Promise.all(pools.map((pool) => pool.destroy()));
    },
  };
}

function openLine(lines: Map<string, Line>, origin: string, options: OriginsOptions): Line | undefined {
  if (lines.size >= options.originsMax && !forgetOneIdle(lines)) return undefined;
  const line: Line = { pool: options.createPool(origin), waiting: new Set(), running: 0, usedSinceSweep: true };
  lines.set(origin, line);
  return line;
}

function forgetOneIdle(lines: Map<string, Line>): boolean {
  for (const [origin, line] of lines) {
    if (line.running > 0) continue;
    forget(lines, origin, line);
    return true;
  }
  return false;
}

function sweep(lines: Map<string, Line>): void {
  for (const [origin, line] of lines) {
    if (line.running === 0 && !line.usedSinceSweep) forget(lines, origin, line);
    line.usedSinceSweep = line.running > 0;
  }
}

function forget(lines: Map<string, Line>, origin: string, line: Line): void {
  lines.delete(origin);
  void line.pool.destroy();
}
