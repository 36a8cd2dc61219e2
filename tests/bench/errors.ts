// What can go wrong with a benchmark run, each with what to do.

import { defineErrors } from "../../server/src/kernel/errors.ts";

export const benchErrors = defineErrors({
  option: {
    code: "bench.option_invalid",
    status: 400,
    sentence: "An option of the benchmark is mistaken. Run it with --help.",
  },
  child: {
    code: "bench.child_failed",
    status: 500,
    sentence: "A process of the benchmark did not start or ended early.",
  },
  wire: {
    code: "bench.wire_unread",
    status: 500,
    sentence: "A message is not the plain HTTP/1.1 the benchmark reads.",
  },
  stopped: { code: "bench.stopped", status: 500, sentence: "The benchmark was stopped before its end." },
});
