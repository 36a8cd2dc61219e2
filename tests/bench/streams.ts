// parley bench streams: 1 000 visitors' streams on one process. Starts a server of its own with a fresh database under the
// system's temporary directory, which is removed afterwards.
// Usage: node tests/bench/streams.ts [--json] [--streams N] [--messages N]

import { parseArgs } from "node:util";
import { AppError } from "../../server/src/kernel/errors.ts";
import { openChatHouse } from "../support/chat-house.ts";
import { benchErrors } from "./errors.ts";
import { inspectable } from "./inspector.ts";
import { measureFreed, measureMemory, measureMessages, measureSlow, prepareCrowd } from "./measure-streams.ts";
import { slowKinds } from "./slow-peers.ts";

function toCount(name: string, text: string, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  const detail = `--${name} must be a whole number from 1 to ${max}, not "${text}".`;
  throw new AppError(benchErrors.option, { detail, note: detail });
}

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    streams: { type: "string", default: "1000" },
    messages: { type: "string", default: "300" },
  },
});
const [count, messages] = [toCount("streams", values.streams, 2_500), toCount("messages", values.messages, 5_000)];
const note = (text: string): boolean => process.stderr.write(`${text}\n`);

const house = await openChatHouse(inspectable);
try {
  note(`${count} visitors say something`);
  const stage = await prepareCrowd(house, count);
  note("their streams are opened");
  const { cost, streams } = await measureMemory(stage);
  note(`${messages} messages are sent to them`);
  const times = await measureMessages(stage, streams, messages);
  const freedKiB = await measureFreed(stage, streams);
  const slow = [];
  for (const kind of ["none", ...slowKinds] as const) {
    note(`the Bot API is asked; beside it: ${kind}`);
    slow.push(await measureSlow(stage, kind, 200));
  }
  const report = { memory: { ...cost, freedKiB }, messages: times, slow };
  process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : "");
  if (!values.json) for (const table of [[report.memory], [times], slow]) console.table(table);
} finally {
  await house.close();
}
