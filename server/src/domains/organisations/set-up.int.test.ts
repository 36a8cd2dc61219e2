import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { isSetUpOpen, setUpForMachine } from "./set-up.ts";
import { issueSetupCode } from "./setup-code.ts";
import { createOffice, goodPassword, type Office, operator } from "./testing/office.ts";

const offices: Office[] = [];
let office: Office;
beforeEach(async () => {
  office = await createOffice();
  offices.push(office);
});
afterAll(async () => {
  for (const one of offices) await one.close();
});

const input = {
  ...{ organisationName: "Acme", appName: "Shop", name: "Olga", email: "Olga@Example.com", password: goodPassword },
};
const over = "organisations.nothing_to_set_up";

async function issue(): Promise<string> {
  return issueSetupCode(office.db.database, await office.sealer());
}

describe("the first run", () => {
  it("CVE-2026-34723: makes organisation, app, owner and session once, and has no path afterwards", async () => {
    expect((await office.call(undefined, "setUp.read")).body).toEqual({ isOpen: true });
    const [code, spare] = [await issue(), await issue()];
    const done = await office.call(undefined, "setUp.create", { code: code.toLowerCase(), ...input });
    expect(done.status).toBe(201);
    expect(done.cookies.join()).toContain("__Host-parley=");
    for (const again of [code, spare, "WRONG"]) {
      const answer = await office.call(undefined, "setUp.create", { code: again, ...input, email: "b@example.com" });
      expect([answer.status, answer.code]).toEqual([404, over]);
    }
    const read = await office.call(undefined, "setUp.read");
    expect([read.status, read.code]).toEqual([404, over]);
    const log = await office.db.asAdmin("select actor, action, targets from audit_entries where action like '%set_up'");
    expect(log).toMatchObject([
      { actor: "anonymous", action: "installation.set_up", targets: { appId: done.body["appId"] } },
    ]);
    const [counted] = await office.db.asAdmin(
      `select (select count(*)::int from users) as users, (select count(*)::int from apps) as apps,
         (select count(*)::int from data_keys) as keys, (select min(built_in_role) from grants) as role`,
    );
    expect(counted).toEqual({ users: 1, apps: 1, keys: 3, role: "owner" });
  });

  it("SECURITY: happens once, of many callers with many codes at once", async () => {
    const codes = [await issue(), await issue(), await issue()];
    const tries = Array.from({ length: 12 }, (_one, index) => {
      const email = `owner${index}@example.com`;
      return office.call(undefined, "setUp.create", { code: codes[index % 3], ...input, email });
    });
    const answers = await Promise.all(tries);
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    for (const answer of answers) expect([201, 403, 404]).toContain(answer.status);
    const rows = await office.db.asAdmin(
      "select (select count(*)::int from users) as users, (select count(*)::int from organisations) as organisations",
    );
    expect(rows).toEqual([{ users: 1, organisations: 1 }]);
  });

  it("leaves nothing behind when something is refused, and the code usable", async () => {
    const code = await issue();
    const refusals = [
      [{ code: "00000-00000-00000-00000-00000" }, "organisations.wrong_setup_code"],
      [{ code, password: "acme shop acme shop" }, "identity.weak_password"],
      [{ code, email: "nobody" }, "identity.email_invalid"],
      [{ code, organisationName: "\u0007" }, "organisations.invalid_name"],
    ] as const;
    for (const [change, expected] of refusals) {
      const answer = await office.call(undefined, "setUp.create", { ...input, ...change });
      expect(answer.code).toBe(expected);
    }
    expect(await isSetUpOpen(office.db.database)).toBe(true);
    expect((await office.call(undefined, "setUp.create", { ...input, code })).status).toBe(201);
  });

  it("is over for people, too, once a machine was set up, and the other way round", async () => {
    const code = await issue();
    const names = { organisationName: "Acme", appName: "Shop", actor: operator };
    const made = await setUpForMachine(office.deps, { ...names, code }, async (tx) => tx.tenant.appId);
    expect(made.finished).toBe(made.tenant.appId);
    const spare = await issue();
    expect((await office.call(undefined, "setUp.create", { ...input, code: spare })).code).toBe(over);
    const again = setUpForMachine(office.deps, { ...names, code: spare }, async () => undefined);
    await expect(again).rejects.toMatchObject({ code: over });
  });
});
