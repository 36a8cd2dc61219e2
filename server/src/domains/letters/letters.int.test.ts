import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import { Secret } from "../../kernel/secret.ts";
import { drawBytes } from "../../platform/crypto/random.ts";
import { createTestDatabase, type TestDatabase } from "../../platform/db/testing/test-database.ts";
import { createLog } from "../../platform/log/log.ts";
import { type Letter, mailErrors } from "../../platform/mail/index.ts";
import { InstallationKeys, toKeyRing } from "../keys/index.ts";
import { LetterSender, queueLetter } from "./index.ts";

let db: TestDatabase;
let installation: InstallationKeys;
beforeAll(async () => {
  db = await createTestDatabase();
  const { provider } = toKeyRing(new Secret(drawBytes(32).toString("base64")));
  installation = new InstallationKeys({ database: db.database, provider, clock: systemClock });
});
afterAll(() => db.close());

const letter: Letter = { to: "ada@example.com", subject: "Marker subject", text: "Marker text", html: "<p>Marker</p>" };
const actor = { kind: "system", job: "test" } as const;

function createSender(send: (letter: Letter) => Promise<void>): LetterSender {
  const mailer = { isLocal: true, send, check: async () => undefined };
  return new LetterSender({ database: db.database, installation, mailer, log: createLog({ level: "silent" }) });
}

const queue = async (): Promise<void> => queueLetter(db.database, await installation.sealer(), letter);
const rows = () => db.asAdmin<{ content: Buffer; tries: number }>("select content, tries from letters");

describe("letters", () => {
  it("are sent once and leave nothing behind", async () => {
    await queue();
    const sent: Letter[] = [];
    const sender = createSender(async (one) => void sent.push(one));
    await Promise.all([sender.sendDue(), sender.sendDue(), sender.sendDue()]);
    expect(sent).toEqual([letter]);
    expect(await rows()).toEqual([]);
  });

  it("SECURITY: are stored as ciphertext", async () => {
    await queue();
    const [row] = await rows();
    expect(row?.content.toString("latin1")).not.toContain("Marker");
    await createSender(async () => undefined).sendDue();
  });

  it("wait while the mail server is away, and are given up when it will never take them", async () => {
    await queue();
    await createSender(() => Promise.reject(new AppError(mailErrors.unavailable))).sendDue();
    expect(await rows()).toMatchObject([{ tries: 1 }]);
    expect(await createSender(async () => undefined).sendDue()).toBe(false);
    await db.asAdmin("update letters set due_at = now()");
    await createSender(() => Promise.reject(new AppError(mailErrors.refused))).sendDue();
    expect(await rows()).toEqual([]);
  });

  it("vanish with the transaction that wrote them", async () => {
    const sealer = await installation.sealer();
    const failed = db.database.withBatch(actor, async (batch) => {
      await queueLetter(batch, sealer, letter);
      throw new AppError(mailErrors.refused);
    });
    await expect(failed).rejects.toThrow();
    expect(await rows()).toEqual([]);
  });
});
