import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createManualClock } from "../../kernel/clock.ts";
import { createMailer, getKeptMail, type Letter, listKeptMail, type Mailer, toOutboxDir } from "./index.ts";

const letter: Letter = { to: "ada@example.org", subject: "Hello", text: "Hi", html: "<p>Hi</p>" };
const folders: string[] = [];

async function createLocal(): Promise<{ mailer: Mailer; folder: string; clock: ReturnType<typeof createManualClock> }> {
  const dataDir = await mkdtemp(join(tmpdir(), "parley-mail-"));
  folders.push(dataDir);
  const clock = createManualClock(Date.UTC(2026, 0, 2));
  return {
    mailer: createMailer({ server: undefined, from: undefined, dataDir, clock }),
    folder: toOutboxDir(dataDir),
    clock,
  };
}

afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

describe("the local outbox", () => {
  it("keeps letters where only the owner of the data can read them", async () => {
    const { mailer, folder } = await createLocal();
    await mkdir(folder, { mode: 0o755 });
    await mailer.send(letter);
    const [name = ""] = await readdir(folder);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  });

  it("gives back the letter, newest first, also those of one millisecond", async () => {
    const { mailer, folder, clock } = await createLocal();
    for (const subject of ["one", "two", "three"]) await mailer.send({ ...letter, subject });
    clock.advance(1000);
    await mailer.send({ ...letter, subject: "four" });
    const heads = await listKeptMail(folder, 3);
    expect(heads.map((head) => head.subject)).toEqual(["four", "three", "two"]);
    expect(await getKeptMail(folder, heads[0]?.id ?? "")).toEqual({
      id: heads[0]?.id,
      date: "2026-01-02T00:00:01.000Z",
      from: "Parley <parley@localhost>",
      ...letter,
      subject: "four",
    });
  });

  it("keeps at most 500, the newest", async () => {
    const { mailer, folder } = await createLocal();
    await mkdir(folder, { recursive: true });
    const old = Array.from(
      { length: 500 },
      (_, index) => `1000000000000-${String(index).padStart(6, "0")}-00000000.json`,
    );
    await Promise.all(old.map((name) => writeFile(join(folder, name), "{}")));
    await writeFile(join(folder, "notes.txt"), "the operator's own");
    await mailer.send(letter);
    const names = await readdir(folder);
    expect(names).toHaveLength(501);
    expect(names).toContain("notes.txt");
    expect(names).not.toContain(old[0]);
    expect((await listKeptMail(folder, 500)).map((head) => head.subject)).toEqual(["Hello"]);
  });

  it.each([
    "../mail",
    "../../etc/passwd",
    "",
    "x",
    "1000000000000-000000-00000000/../x",
    "1000000000000-000000-00000000",
  ])("names no file outside it: %j is not found", async (id) => {
    const { folder } = await createLocal();
    await expect(getKeptMail(folder, id)).rejects.toMatchObject({ code: "mail.not_found" });
  });

  it("refuses a folder that somebody put a link in place of", async () => {
    const { mailer, folder } = await createLocal();
    await symlink(tmpdir(), folder);
    await expect(mailer.send(letter)).rejects.toMatchObject({ code: "mail.outbox_unusable" });
  });

  it("refuses the letters a mail server would not get either", async () => {
    const { mailer, folder } = await createLocal();
    await expect(mailer.send({ ...letter, subject: "a\r\nBcc: b" })).rejects.toMatchObject({
      code: "mail.letter_invalid",
    });
    expect(await listKeptMail(folder, 10)).toEqual([]);
  });
});
