// `parley bench`: runs the benchmark, which lives beside the tests because it may build the product without protections
// and the product itself must not know how. Refuses where only the product is installed.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { AppError, defineErrors } from "../kernel/errors.ts";
import type { Invocation } from "./command.ts";

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

/** `parley bench`. */
export async function bench(invocation: Invocation): Promise<void> {
  if (!existsSync(entry)) throw new AppError(benchErrors.absent);
  const flags = ["json", "quick"].filter((flag) => invocation.has(flag)).map((flag) => `--${flag}`);
  const values = passedOn.flatMap((flag) => {
    const value = invocation.get(flag);
    return value === undefined ? [] : [`--${flag}`, value];
  });
  const child = spawn(process.execPath, [entry, ...flags, ...values], { stdio: "inherit" });
  const code = await new Promise((resolve) => child.once("exit", resolve));
  if (code !== 0) throw new AppError(benchErrors.failed);
}
