// `parley bench`: see --help. Prints the report on standard output and progress on standard error. Ctrl-C ends everything it
// started. The exit status is 1 when a message was lost, refused or went to the wrong member.

import { tmpdir } from "node:os";
import { AppError } from "../../server/src/kernel/errors.ts";
import { type Bench, hasTimeFor, measureGrowth, measureProtections, measureRatio } from "./bench.ts";
import { describeMachine } from "./machine.ts";
import { helpText, type Options, parseOptions, type Section } from "./options.ts";
import { measureQuickly } from "./quick.ts";
import { type Report, type ResultReport, toText } from "./report.ts";
import { Stage } from "./stage.ts";

async function measureResults({ options }: { options: Options }, bench: Bench): Promise<ResultReport[]> {
  const wants = new Set(options.sections);
  const results: ResultReport[] = [];
  for (const apps of options.apps) {
    if (!hasTimeFor(bench, `${apps} app(s)`)) continue;
    const plain = wants.has("ratio") ? await measureRatio(bench, apps, false) : undefined;
    const withWebhook = wants.has("webhook") ? await measureRatio(bench, apps, true) : undefined;
    if (plain !== undefined) results.push(withWebhook === undefined ? plain : { ...plain, withWebhook });
    else if (withWebhook !== undefined) results.push({ ...withWebhook, withWebhook });
  }
  return results;
}

async function measureAll(bench: Bench): Promise<Report> {
  const { options, mistakes, skipped } = bench;
  const machine = await describeMachine(tmpdir());
  await bench.stage.start();
  const wants = (section: Section): boolean => options.sections.includes(section);
  const { results, protections } =
    options.isQuick && !wants("webhook") && !wants("growth")
      ? await measureQuickly(bench)
      : {
          results: await measureResults({ options }, bench),
          protections: wants("protections") ? await measureProtections(bench) : [],
        };
  const growth = wants("growth") ? await measureGrowth(bench) : [];
  const { inFlight, rounds, seconds: secondsPerRound, members, isQuick: quick } = options;
  return {
    machine,
    settings: { inFlight, rounds, secondsPerRound, members, quick },
    results,
    protections,
    growth,
    mistakes,
    skipped,
  };
}

async function run(options: Options): Promise<number> {
  const stage = new Stage(options.profileDir);
  const bench: Bench = { stage, options, log: (line) => process.stderr.write(`${line}\n`), mistakes: [], skipped: [] };
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= stage.close());
  const onSignal = (): void => {
    process.exitCode = 130;
    close().catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  try {
    const report = await measureAll(bench);
    process.stdout.write(`${options.isJson ? JSON.stringify(report, undefined, 2) : toText(report)}\n`);
    if (report.mistakes.length === 0) return 0;
    process.stderr.write(`The benchmark failed: ${report.mistakes.join("; ")}.\n`);
    return 1;
  } finally {
    await close();
  }
}

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(args);
    if (options !== "help") return await run(options);
    process.stdout.write(`${helpText}\n`);
    return 0;
  } catch (error) {
    // Ctrl-C ends the processes a round waits for; their end is not news.
    if (process.exitCode === 130) return 130;
    process.stderr.write(
      `${error instanceof AppError ? error.detail : error instanceof Error ? error.stack : String(error)}\n`,
    );
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
