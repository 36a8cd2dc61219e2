// The sections of a run, each with servers and a database of its own.

import { type GrowthReport, growTo, storedSizes } from "./growth.ts";
import type { Options } from "./options.ts";
import type { ProtectionReport, ResultReport } from "./report.ts";
import { type Round, type RoundOptions, runInTurn, runRound, toSummary } from "./rounds.ts";
import { protections, type Server, type Stage } from "./stage.ts";
import { toMedian, toRounded } from "./statistics.ts";

export interface Bench {
  readonly stage: Stage;
  readonly options: Options;
  readonly log: (line: string) => void;
  /** What went wrong in any round. */
  readonly mistakes: string[];
  /** What a quick run left out because its minute was over. */
  readonly skipped: string[];
}

/** Starting and stopping servers takes up to ten seconds more. */
const quickMsMax = 44_000;

/** Answers whether there is time for `what`; notes it as skipped when not. Only a quick run can run out of time. */
export function hasTimeFor(bench: Bench, what: string): boolean {
  if (!bench.options.isQuick || performance.now() < quickMsMax) return true;
  bench.skipped.push(what);
  bench.log(`skipped for lack of time: ${what}`);
  return false;
}

function listMistakes(name: string, round: Round): string[] {
  const refused = Object.entries(round.refused).map(([status, count]) => `${count} refused with status ${status}`);
  const parts: [number, string][] = [
    [round.lost, "lost"],
    [round.misdelivered, "sent to the wrong member or from the wrong number"],
    [round.malformed, "requests to the platform that it could not read"],
    [round.webhooks.wrong, "webhooks with a wrong signature"],
  ];
  const found = [...parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`), ...refused];
  return found.length === 0 ? [] : [`${name}: ${found.join(", ")}`];
}

function toPlan(bench: Bench): { rounds: number; warmUp: RoundOptions; measured: RoundOptions } {
  const { inFlight, members, seconds, rounds, isQuick } = bench.options;
  const pace = { kind: "closed", inFlight } as const;
  // Long enough for every member to write twice, and for the compiler.
  const warmUp = {
    pace,
    members,
    seconds: isQuick ? 2 : 20,
    messagesMax: isQuick ? members * 2 : Math.max(15_000, members * 2),
  };
  return { rounds, warmUp, measured: { pace, members, seconds } };
}

function note(bench: Bench, name: string, round: Round): void {
  bench.mistakes.push(...listMistakes(name, round));
  const late = round.madeLate > 0 ? `, ${round.madeLate} requests made late` : "";
  bench.log(`${name}: ${round.messagesPerSecond} messages/s, p99 ${round.p99Ms} ms${late}`);
}

/** Rounds of several servers in turn, by name. */
export async function measure(bench: Bench, servers: readonly (readonly [string, Server])[]): Promise<Round[][]> {
  const names = new Map(servers.map(([name, server]) => [server, name]));
  const onRound = (server: Server, round: Round): void => note(bench, names.get(server) ?? "", round);
  return runInTurn(bench.stage, [...names.keys()], { ...toPlan(bench), onRound });
}

/** The product by schedule, `perSecond` messages. */
export async function measureOpenLoop(
  bench: Bench,
  server: Server,
  perSecond: number,
): Promise<ResultReport["openLoop"]> {
  const { members, seconds } = bench.options;
  const round = await runRound(bench.stage, server, { pace: { kind: "open", perSecond }, seconds, members });
  note(bench, `${server.apps.length} app(s), product at half its load`, round);
  const { p50Ms, p95Ms, p99Ms, maxMs, stallMaxMs, messagesPerSecond } = round;
  const stall = stallMaxMs === undefined ? {} : { stallMaxMs };
  return { perSecond: toRounded(perSecond, 1), messagesPerSecond, p50Ms, p95Ms, p99Ms, maxMs, ...stall };
}

/** Floor and product in turn, then the product by schedule at half of what it did. */
export async function measureRatio(bench: Bench, apps: number, hasWebhook: boolean): Promise<ResultReport> {
  const { stage } = bench;
  const cluster = await stage.openCluster();
  const floor = await stage.startServer({ kind: "floor", cluster, apps, hasWebhook });
  const product = await stage.startServer({ kind: "product", cluster, apps, hasWebhook });
  const name = `${apps} app(s)${hasWebhook ? " with webhooks" : ""}`;
  const [ofFloor = [], ofProduct = []] = await measure(bench, [
    [`${name}, floor`, floor],
    [`${name}, product`, product],
  ]);
  const result = toResult(apps, ofFloor, ofProduct);
  const openLoop = await measureOpenLoop(bench, product, Math.max(1, result.parley.messagesPerSecond / 2));
  for (const closable of [product.stop, floor.stop, cluster.close]) await closable();
  return { ...result, openLoop };
}

/** Floor and product side by side. */
export function toResult(
  apps: number,
  ofFloor: readonly Round[],
  ofProduct: readonly Round[],
): Omit<ResultReport, "openLoop"> {
  const [floor, parley] = [toSummary(ofFloor), toSummary(ofProduct)];
  return { apps, floor, parley, ratio: toRounded(parley.messagesPerSecond / floor.messagesPerSecond, 3) };
}

type Without = ProtectionReport["without"];

/** How much faster the product is without one protection: a second product beside it, each on a database of its own. */
async function measureProtection(bench: Bench, whole: Server, without: Without): Promise<ProtectionReport> {
  const { stage, log } = bench;
  log(`protections: without ${without}`);
  const isWebhook = without === "webhook";
  const cluster = await stage.openCluster();
  const left = isWebhook ? { hasWebhook: true } : { without };
  const other = await stage.startServer({ kind: "product", cluster, apps: 1, ...left });
  const rounds = await measure(bench, [
    ["all protections", whole],
    [isWebhook ? "with webhooks" : `without ${without}`, other],
  ]);
  const [whole1 = 0, other1 = 0] = rounds.map((each) => toMedian(each.map((round) => round.messagesPerSecond)));
  for (const closable of [other.stop, cluster.close]) await closable();
  return toProtectionReport(without, whole1, other1);
}

/** What leaving one protection out brings: messages/s of the product with all of them, and of the other. */
export function toProtectionReport(without: Without, whole: number, other: number): ProtectionReport {
  // Every product here but one does without webhooks, so for these the roles are the other way round.
  const [lesser, greater] = without === "webhook" ? [other, whole] : [whole, other];
  return { without, ratio: toRounded(greater / lesser, 3), messagesPerSecond: greater, against: lesser };
}

/** What each protection costs, for one app. */
export async function measureProtections(bench: Bench): Promise<ProtectionReport[]> {
  const { stage } = bench;
  const cluster = await stage.openCluster();
  const whole = await stage.startServer({ kind: "product", cluster, apps: 1 });
  const reports: ProtectionReport[] = [];
  for (const without of [...protections, "webhook"] as const) {
    if (hasTimeFor(bench, `protections: without ${without}`))
      reports.push(await measureProtection(bench, whole, without));
  }
  for (const closable of [whole.stop, cluster.close]) await closable();
  return reports;
}

/** The cost of a message with few and with many messages stored, in turn, on two databases. */
export async function measureGrowth(bench: Bench): Promise<GrowthReport[]> {
  const { stage, log } = bench;
  const servers: Server[] = [];
  for (const _size of storedSizes) {
    servers.push(await stage.startServer({ kind: "product", cluster: await stage.openCluster(), apps: 1 }));
  }
  const sizes = new Map(servers.map((server, index) => [server, storedSizes[index] ?? 0]));
  const plan = toPlan(bench);
  const all = await runInTurn(stage, servers, {
    ...plan,
    prepare: async (server) => {
      const size = sizes.get(server) ?? 0;
      log(`growth: bringing the stored messages to ${size}`);
      await growTo(server.cluster, size);
    },
    onRound: (server, round) => note(bench, `growth, ${sizes.get(server)} stored`, round),
  });
  for (const server of servers) {
    await server.stop();
    await server.cluster.close();
  }
  return all.map((rounds, index) => {
    const { messagesPerSecond, cpuMsPerMessage, cpuMsByProcess, p99Ms } = toSummary(rounds);
    return { storedMessages: storedSizes[index] ?? 0, messagesPerSecond, cpuMsPerMessage, cpuMsByProcess, p99Ms };
  });
}
