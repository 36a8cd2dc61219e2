// The SQL of letters on their way out: calls of reviewed functions, because a letter may belong to nobody's tenant.

import { systemStatement } from "../../platform/db/index.ts";

export const keepLetterSql = systemStatement<{ kept: boolean }>(
  "letters.keep",
  "select kept from parley_keep_letter($1, $2)",
);

export const takeLettersSql = systemStatement<{ letter_id: string; content: Buffer; tries: number }>(
  "letters.take",
  "select letter_id, content, tries from parley_take_letters($1, $2)",
);

export const finishLetterSql = systemStatement<{ finished: boolean }>(
  "letters.finish",
  "select finished from parley_finish_letter($1)",
);
