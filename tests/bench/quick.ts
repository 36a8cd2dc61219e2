// A quick run: everything is started before the first round, so that starting costs its time once. All servers share one
// database but the product without encryption, which could not read what another left waiting; only one has load at a time.
// The product with many apps is also the product with one: its first.

import { type Bench, hasTimeFor, measure, measureOpenLoop, toProtectionReport, toResult } from "./bench.ts";
import type { ProtectionReport, ResultReport } from "./report.ts";
import { protections, type Server, type ServerOptions } from "./stage.ts";
import { toMedian } from "./statistics.ts";

/** Each server may open its whole pool. */
const settings = { max_connections: "120" };

interface Cast {
  readonly floor: Server;
  readonly product: Server;
  readonly variants: readonly (readonly [ProtectionReport["without"], Server])[];
}

type Variant = Cast["variants"][number];

async function startVariant(bench: Bench, without: Variant[0], cluster: ServerOptions["cluster"]): Promise<Variant> {
  const left = without === "webhook" ? { hasWebhook: true } : { without };
  return [without, await bench.stage.startServer({ kind: "product", cluster, apps: 1, ...left })];
}

/** One after the other on one database: two that prepare it at once get into each other's way. */
async function startVariants(bench: Bench, shared: ServerOptions["cluster"]): Promise<Cast["variants"]> {
  const onShared: Variant[] = [];
  for (const without of [...protections, "webhook" as const]) {
    if (without !== "encryption") onShared.push(await startVariant(bench, without, shared));
  }
  return onShared;
}

async function startPlain(bench: Bench): Promise<Variant> {
  return startVariant(bench, "encryption", await bench.stage.openCluster(settings));
}

async function startAll(bench: Bench): Promise<Cast> {
  const { stage, options } = bench;
  const wantsVariants = options.sections.includes("protections");
  const plain = wantsVariants ? startPlain(bench) : undefined;
  // Awaited below; until then a failure must not count as unhandled.
  plain?.catch(() => undefined);
  const cluster = await stage.openCluster(settings);
  const apps = Math.max(...options.apps);
  const floor = await stage.startServer({ kind: "floor", cluster, apps });
  const product = await stage.startServer({ kind: "product", cluster, apps });
  const onShared = wantsVariants ? await startVariants(bench, cluster) : [];
  return { floor, product, variants: plain === undefined ? [] : [await plain, ...onShared] };
}

function withApps(server: Server, apps: number): Server {
  return { ...server, apps: server.apps.slice(0, apps) };
}

async function measureApps(bench: Bench, cast: Cast, apps: number): Promise<ResultReport> {
  const product = withApps(cast.product, apps);
  const [ofFloor = [], ofProduct = []] = await measure(bench, [
    [`${apps} app(s), floor`, withApps(cast.floor, apps)],
    [`${apps} app(s), product`, product],
  ]);
  const result = toResult(apps, ofFloor, ofProduct);
  return { ...result, openLoop: await measureOpenLoop(bench, product, result.parley.messagesPerSecond / 2) };
}

async function measureVariants(bench: Bench, cast: Cast): Promise<ProtectionReport[]> {
  const whole = withApps(cast.product, 1);
  const named = cast.variants.map(([without, server]) => [`protections: ${without}`, server] as const);
  const all = await measure(bench, [["all protections", whole], ...named]);
  const [whole1 = 0, ...others] = all.map((rounds) => toMedian(rounds.map((round) => round.messagesPerSecond)));
  return cast.variants.map(([without], index) => toProtectionReport(without, whole1, others[index] ?? 0));
}

/** Floor and product at each number of apps, then the product without each protection. */
export async function measureQuickly(
  bench: Bench,
): Promise<{ results: ResultReport[]; protections: ProtectionReport[] }> {
  const cast = await startAll(bench);
  bench.log("everything is started");
  const results: ResultReport[] = [];
  for (const apps of bench.options.sections.includes("ratio") ? bench.options.apps : []) {
    if (hasTimeFor(bench, `${apps} app(s)`)) results.push(await measureApps(bench, cast, apps));
  }
  const isWanted = cast.variants.length > 0 && hasTimeFor(bench, "protections");
  return { results, protections: isWanted ? await measureVariants(bench, cast) : [] };
}
