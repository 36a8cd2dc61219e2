// One measured round against a running floor or product, and rounds of several servers in turn: what disturbs the machine for
// a while then disturbs all of them, and the median forgets it.

import type { RoundResult } from "./ledger.ts";
import { type CpuTimes, readCpu, readMemory, readStallMs, toDifference } from "./measure.ts";
import type { Pace } from "./round.ts";
import type { Server, Stage } from "./stage.ts";
import { toMedian, toRounded } from "./statistics.ts";

export interface Round extends RoundResult {
  /** Processor time a message, by process. `total` is server and database: what the server makes the machine do. */
  readonly cpuMsPerMessage: CpuTimes & { readonly total: number };
  readonly rssMiB: number;
  readonly peakRssMiB: number;
  readonly stallMaxMs: number | undefined;
  readonly webhooks: { readonly checked: number; readonly wrong: number };
  /** Requests of the server that the mock platform could not read. */
  readonly malformed: number;
}

export interface RoundOptions {
  readonly pace: Pace;
  readonly seconds: number;
  readonly messagesMax?: number;
  readonly members: number;
}

function toCost(used: CpuTimes, messages: number): Round["cpuMsPerMessage"] {
  const each = (ms: number): number => toRounded(ms / Math.max(1, messages), 4);
  return {
    total: each(used.server + used.database),
    server: each(used.server),
    database: each(used.database),
    platform: each(used.platform),
    load: each(used.load),
  };
}

/** Runs one round and measures what it cost. */
export async function runRound(stage: Stage, server: Server, options: RoundOptions): Promise<Round> {
  const { members, ...load } = options;
  const aim = { apps: server.apps, members };
  const pids = { ...stage.pids, server: server.pid, database: server.cluster.pid };
  stage.expectSignatures(server.apps);
  const start = await stage.prepareRound({ ...load, aim, expectsWebhooks: server.hasWebhook });
  // A scrape starts the measure of stalls anew.
  if (server.kind === "product") await readStallMs(server.baseUrl);
  const before = await readCpu(pids);
  const result = await start();
  const used = toDifference(before, await readCpu(pids));
  const [memory, stallMaxMs, platform] = await Promise.all([
    readMemory(server.pid),
    server.kind === "product" ? readStallMs(server.baseUrl) : undefined,
    stage.readPlatform(),
  ]);
  return {
    ...result,
    ...memory,
    stallMaxMs: stallMaxMs === undefined ? undefined : toRounded(stallMaxMs, 1),
    cpuMsPerMessage: toCost(used, result.done),
    webhooks: { checked: platform?.checked ?? 0, wrong: platform?.wrong ?? 0 },
    malformed: platform?.malformed ?? 0,
  };
}

export interface TurnOptions {
  readonly rounds: number;
  /** The rounds that do not count: every member has written and the code is compiled after them. */
  readonly warmUp: RoundOptions;
  readonly measured: RoundOptions;
  /** Before each measured round, outside of it. */
  readonly prepare?: (server: Server) => Promise<void>;
  readonly onRound: (server: Server, round: Round) => void;
}

/** Warms up every server, then measures them in turn; each second turn goes the other way round. */
export async function runInTurn(stage: Stage, servers: readonly Server[], options: TurnOptions): Promise<Round[][]> {
  const all: Round[][] = servers.map(() => []);
  const run = async (server: Server, isMeasured: boolean): Promise<Round> => {
    const round = await runRound(stage, server, isMeasured ? options.measured : options.warmUp);
    options.onRound(server, round);
    return round;
  };
  for (const server of servers) await run(server, false);
  for (let turn = 0; turn < options.rounds; turn += 1) {
    const order = [...servers.entries()];
    if (turn % 2 === 1) order.reverse();
    for (const [index, server] of order) {
      await options.prepare?.(server);
      all[index]?.push(await run(server, true));
    }
  }
  return all;
}

type Numbers = "messagesPerSecond" | "p50Ms" | "p95Ms" | "p99Ms" | "maxMs" | "rssMiB" | "peakRssMiB";

/** The medians of several rounds, field by field; the worst stall and the most memory. */
export interface Summary extends Readonly<Record<Numbers, number>> {
  /** Of the server and its database. */
  readonly cpuMsPerMessage: number;
  readonly cpuMsByProcess: CpuTimes;
  readonly stallMaxMs?: number;
  readonly duplicates: number;
  readonly messages: number;
}

export function toSummary(rounds: readonly Round[]): Summary {
  const median = (read: (round: Round) => number): number => toMedian(rounds.map(read));
  const most = (read: (round: Round) => number): number => Math.max(0, ...rounds.map(read));
  const sum = (read: (round: Round) => number): number => rounds.reduce((total, round) => total + read(round), 0);
  const cpu = (name: keyof Round["cpuMsPerMessage"]): number =>
    toRounded(
      median((round) => round.cpuMsPerMessage[name]),
      4,
    );
  const isTold = rounds.some((round) => round.stallMaxMs !== undefined);
  return {
    messagesPerSecond: toRounded(
      median((round) => round.messagesPerSecond),
      1,
    ),
    p50Ms: toRounded(
      median((round) => round.p50Ms),
      2,
    ),
    p95Ms: toRounded(
      median((round) => round.p95Ms),
      2,
    ),
    p99Ms: toRounded(
      median((round) => round.p99Ms),
      2,
    ),
    maxMs: toRounded(
      median((round) => round.maxMs),
      2,
    ),
    cpuMsPerMessage: cpu("total"),
    cpuMsByProcess: { server: cpu("server"), database: cpu("database"), platform: cpu("platform"), load: cpu("load") },
    rssMiB: most((round) => round.rssMiB),
    peakRssMiB: most((round) => round.peakRssMiB),
    ...(isTold ? { stallMaxMs: most((round) => round.stallMaxMs ?? 0) } : {}),
    duplicates: sum((round) => round.duplicates),
    messages: sum((round) => round.done),
  };
}
