// What ends a benchmark without a result. The reader is the person who ran it.

import { defineErrors } from "../../server/src/kernel/errors.ts";

export const benchErrors = defineErrors({
  usage: { code: "bench.usage", status: 400, sentence: "The benchmark was called wrongly. `--help` lists the flags." },
  child: {
    code: "bench.child_failed",
    status: 500,
    sentence: "A process of the benchmark did not start or ended early.",
  },
  wrong: {
    code: "bench.wrong_answers",
    status: 500,
    sentence: "Not every message got exactly its reply, so there is no result to report.",
  },
  answer: {
    code: "bench.answer_unreadable",
    status: 500,
    sentence: "The measured server sent an answer that is not HTTP/1.1 with a content-length.",
  },
});
