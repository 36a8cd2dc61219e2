// The report: the JSON document, and the same as tables.

import type { GrowthReport } from "./growth.ts";
import type { Machine } from "./machine.ts";
import type { Summary } from "./rounds.ts";
import type { protections } from "./stage.ts";

export interface ResultReport {
  readonly apps: number;
  readonly floor: Summary;
  readonly parley: Summary;
  /** Throughput of the product divided by the floor's. */
  readonly ratio: number;
  /** By schedule, at half of what the product does in a closed loop; latencies from when a message was due. */
  readonly openLoop: {
    readonly perSecond: number;
    readonly messagesPerSecond: number;
    readonly p50Ms: number;
    readonly p95Ms: number;
    readonly p99Ms: number;
    readonly maxMs: number;
    readonly stallMaxMs?: number;
  };
  /** The same with two signed webhook posts a message, on both sides. */
  readonly withWebhook?: ResultReport;
}

export interface ProtectionReport {
  readonly without: (typeof protections)[number] | "webhook";
  /** Throughput without it divided by the throughput with it. */
  readonly ratio: number;
  readonly messagesPerSecond: number;
  /** The throughput with it. */
  readonly against: number;
}

export interface Report {
  readonly machine: Machine;
  readonly settings: {
    readonly inFlight: number;
    readonly rounds: number;
    readonly secondsPerRound: number;
    readonly members: number;
    readonly quick: boolean;
  };
  readonly results: readonly ResultReport[];
  readonly protections: readonly ProtectionReport[];
  readonly growth: readonly GrowthReport[];
  /** What must never happen; empty in a good run. */
  readonly mistakes: readonly string[];
  /** What a quick run had no time for. */
  readonly skipped: readonly string[];
}

/** Rows with columns of equal width; the first column is text, the others figures. */
export function toTable(rows: readonly (readonly (string | number | undefined)[])[]): string {
  const cells = rows.map((row) => row.map((cell) => (cell === undefined ? "-" : String(cell))));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const toLine = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ");
  return cells.map((row) => toLine(row).trimEnd()).join("\n");
}

const resultHead = ["", "msg/s", "ratio", "p50 ms", "p95 ms", "p99 ms", "cpu ms/msg", "server MiB", "stall ms"];

type Row = readonly (string | number | undefined)[];

function toSummaryRow(name: string, summary: Summary, ratio: number): Row {
  const { messagesPerSecond, p50Ms, p95Ms, p99Ms, cpuMsPerMessage, rssMiB, stallMaxMs } = summary;
  return [name, messagesPerSecond, ratio, p50Ms, p95Ms, p99Ms, cpuMsPerMessage, rssMiB, stallMaxMs];
}

function toResultRows(result: ResultReport, kind = ""): Row[] {
  const name = `${result.apps} app${result.apps === 1 ? "" : "s"}${kind}`;
  const { openLoop } = result;
  const half = [openLoop.messagesPerSecond, undefined, openLoop.p50Ms, openLoop.p95Ms, openLoop.p99Ms];
  return [
    toSummaryRow(`${name}, floor`, result.floor, 1),
    toSummaryRow(`${name}, parley`, result.parley, result.ratio),
    [`${name}, parley at half load`, ...half, undefined, undefined, openLoop.stallMaxMs],
    ...(result.withWebhook === undefined ? [] : toResultRows(result.withWebhook, " + webhooks")),
  ];
}

function toCpuRows(results: readonly ResultReport[]): Row[] {
  return results.flatMap(({ apps, floor, parley }) =>
    Object.entries({ floor, parley }).map(([name, { cpuMsByProcess: cpu }]) => {
      return [`${apps} app${apps === 1 ? "" : "s"}, ${name}`, cpu.server, cpu.database, cpu.platform, cpu.load];
    }),
  );
}

/** The report for people. */
export function toText({ machine, settings, results, protections, growth, mistakes, skipped }: Report): string {
  const parts = [
    `${machine.cores} cores (${machine.model}), ${machine.memoryMiB} MiB, ${machine.system}, Node ${machine.node}, fsync ${machine.fsyncMs} ms`,
    `${settings.inFlight} in flight, ${settings.rounds} rounds of ${settings.secondsPerRound} s, ${settings.members} members`,
  ];
  if (results.length > 0) {
    parts.push(toTable([resultHead, ...results.flatMap((result) => toResultRows(result))]));
    parts.push(toTable([["cpu ms a message", "server", "database", "platform", "load"], ...toCpuRows(results)]));
  }
  if (protections.length > 0) {
    const rows = protections.map(({ without, ratio, messagesPerSecond, against }) => [
      without,
      ratio,
      messagesPerSecond,
      against,
    ]);
    parts.push(toTable([["without", "ratio", "msg/s", "with it"], ...rows]));
  }
  if (growth.length > 0) {
    const rows = growth.map((row) => [row.storedMessages, row.messagesPerSecond, row.cpuMsPerMessage, row.p99Ms]);
    parts.push(toTable([["stored messages", "msg/s", "cpu ms/msg", "p99 ms"], ...rows]));
  }
  if (skipped.length > 0) parts.push(`Skipped, a quick run ends within a minute:\n${skipped.join("\n")}`);
  if (mistakes.length > 0) parts.push(`What must not happen:\n${mistakes.join("\n")}`);
  return parts.join("\n\n");
}
