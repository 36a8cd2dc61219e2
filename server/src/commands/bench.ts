// `parley bench`: runs the benchmark, which lives beside the tests because it may build the product without protections
// and the product itself must not know how. Refuses where only the product is installed.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { AppError, defineErrors } from "../kernel/errors.ts";
import type { Command } from "./command.ts";

const benchErrors = defineErrors({
  absent: {
    code: "bench.absent",
    status: 500,
    sentence: "The benchmark is not part of this installation. Run it from a checkout of the source.",
  },
  failed: { code: "bench.failed", status: 500, sentence: "The benchmark did not finish. See above." },
});

const entry = fileURLToPath(new URL("../../../tests/bench/run.ts", import.meta.url));
const passedOn = ["rounds", "in-flight", "apps", "only"];

export const benchCommand: Command = {
  name: "bench",
  summary:
    "Measure throughput and latency against a bare floor on the same PostgreSQL, and what each protection costs.",
  flags: [
    { name: "quick", sentence: "Less than a minute, less exact." },
    { name: "rounds", value: "number", sentence: "Rounds of floor and product." },
    { name: "in-flight", value: "number", sentence: "Messages under way at once." },
    { name: "apps", value: "1,100", sentence: "Over how many apps the load is spread." },
    { name: "only", value: "part", sentence: "ratio, protections, webhook or growth." },
  ],
  async run(invocation) {
    if (!existsSync(entry)) throw new AppError(benchErrors.absent);
    const flags = ["json", "quick"].filter((flag) => invocation.has(flag)).map((flag) => `--${flag}`);
    const values = passedOn.flatMap((flag) => {
      const value = invocation.get(flag);
      return value === undefined ? [] : [`--${flag}`, value];
    });
    const child = spawn(process.execPath, [entry, ...flags, ...values], { stdio: "inherit" });
    const code = await new Promise((resolve) => child.once("exit", resolve));
    if (code !== 0) throw new AppError(benchErrors.failed);
  },
};
