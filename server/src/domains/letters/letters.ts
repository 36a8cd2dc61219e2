// Letters to people. A letter is stored in the transaction of what it tells about and sent once that has committed: at
// least once, with growing pauses while the mail server does not take it. Stored letters are ciphertext, because some
// carry a link that works once, and they are gone as soon as they are sent.

import { AppError, isError } from "../../kernel/errors.ts";
import { fromUuid, toUuid } from "../../kernel/ids.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { BatchTx, Database } from "../../platform/db/index.ts";
import type { Logger } from "../../platform/log/log.ts";
import { type Letter, type Mailer, mailErrors } from "../../platform/mail/index.ts";
import type { InstallationKeys, Sealer } from "../keys/index.ts";
import { finishLetterSql, keepLetterSql, takeLettersSql } from "./store.ts";

/** Where a letter is stored: in a transaction, together with what it tells about, or on its own. */
export type LetterWriter = Pick<BatchTx, "lookUp"> | Pick<Database, "lookUp">;

function toField(letterUuid: string): { table: string; column: string; row: string } {
  return { table: "letters", column: "content", row: letterUuid };
}

/** Stores a letter for sending. */
export async function queueLetter(writer: LetterWriter, sealer: Sealer, letter: Letter): Promise<void> {
  const letterUuid = toUuid(newId("letter"));
  const content = sealer.seal(toField(letterUuid), JSON.stringify(letter));
  await writer.lookUp(keepLetterSql, [letterUuid, content]);
}

const takenAtOnce = 10;
/** Pauses double from here: 1, 2, 4 ... minutes, at most about four hours. */
const againSeconds = 60;
/** About two days of tries. */
const triesMax = 20;

export interface LetterSenderOptions {
  readonly database: Pick<Database, "lookUp">;
  readonly installation: InstallationKeys;
  readonly mailer: Mailer;
  readonly log: Logger;
}

interface Taken {
  readonly uuid: string;
  readonly content: Buffer;
  readonly tries: number;
}

export class LetterSender {
  readonly #options: LetterSenderOptions;

  constructor(options: LetterSenderOptions) {
    this.#options = options;
  }

  /** Sends what is due. Answers whether there is probably more. */
  async sendDue(): Promise<boolean> {
    const rows = await this.#options.database.lookUp(takeLettersSql, [takenAtOnce, againSeconds]);
    if (rows.length === 0) return false;
    const sealer = await this.#options.installation.sealer();
    for (const { letter_id: uuid, content, tries } of rows) await this.#send({ uuid, content, tries }, sealer);
    return rows.length === takenAtOnce;
  }

  async #send({ uuid, content, tries }: Taken, sealer: Sealer): Promise<void> {
    const { mailer, database, log } = this.#options;
    const letterId = fromUuid("letter", uuid);
    try {
      const plain = uuid.replaceAll("-", "");
      await mailer.send(JSON.parse(sealer.open(toField(plain), content).toString("utf8")) as Letter);
    } catch (error) {
      // Nothing of the letter in the log: it may hold a link that works.
      const code = error instanceof AppError ? error.code : "unknown";
      const isHopeless = !isError(error, mailErrors.unavailable) || tries >= triesMax;
      log.warn({ letterId, code, tries }, isHopeless ? "a letter was given up" : "a letter will be tried again");
      if (!isHopeless) return;
    }
    await database.lookUp(finishLetterSql, [uuid]);
  }
}
