// Nobody learns who has an account here: what is asked about somebody who exists and about nobody is answered alike, in
// status, headers, body and time. Over HTTP, by the whole server process, behind a proxy it trusts, so that every request
// comes from a network of its own and no budget is what is measured. The whole suite asks 500 times about each; the sample
// fewer times, on a database that does not wait for the disk.
//
// A difference counts when two independent rounds both find it at the level: by chance alone one comparison in 10,000.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SoftwareAuthenticator } from "../../server/src/domains/identity/factors/testing/software-authenticator.ts";
import type { OrganisationId } from "../../server/src/kernel/ids.ts";
import {
  type Flow,
  fromElsewhere,
  judgeTimes,
  measure,
  type Series,
  type Subject,
  toMedian,
  toNobody,
  toSeen,
} from "../support/enumeration.ts";
import { type Entry, type Resident, toRow } from "../support/house.ts";
import { Asker, findCookie, type Heard } from "../support/http.ts";
import { type Installation, openInstallation } from "../support/installation.ts";
import { isWhole, sized } from "../support/size.ts";
import { startSlowProxy } from "../support/slow-proxy.ts";

const level = 0.01;
const warmUps = 4;
/** The least that has to be noticed where no password is hashed. */
const plantedMs = 5;
const wrong = "wrong copper lantern orchard";
const adminsCount = 10;

let installation: Installation;
let asker: Asker;
let people: Resident[];
const admins: { readonly entry: Entry; readonly organisationId: OrganisationId }[] = [];

beforeAll(async () => {
  installation = await openInstallation({ settings: { PARLEY_TRUSTED_PROXIES: "127.0.0.1" }, isEmbedded: isWhole });
  const { house, server } = installation;
  asker = new Asker(server.url);
  people = await house.addPeople(sized(500, 60), "person");
  for (const owner of await house.addPeople(adminsCount, "owner")) {
    admins.push({ organisationId: await house.found(owner), entry: await house.enter(owner.userId) });
  }
}, 180_000);

afterAll(async () => {
  asker?.close();
  await installation?.close();
}, 60_000);

const post = (path: string, index: number, body: unknown): Promise<Heard> =>
  asker.ask({ path: `/api/v1${path}`, method: "POST", headers: fromElsewhere(index), body });

const signIn: Flow["ask"] = ({ email }, index) => post("/sign-in", index, { email, password: wrong });
const requestReset: Flow["ask"] = ({ email }, index) => post("/password-reset", index, { email });

/** By administrators in turn, so that none reaches the limit of requests a minute or of open invitations. */
const invite: Flow["ask"] = ({ email }, index) => {
  const admin = admins[index % adminsCount];
  return asker.ask({
    path: "/api/v1/invitations",
    method: "POST",
    headers: { ...fromElsewhere(index), ...admin?.entry.headers, "parley-organisation": admin?.organisationId ?? "" },
    body: { email, grants: [{ role: "support" }] },
  });
};

/** An answer with the handle of the subject and a key that nobody has. Only the second request is timed. */
const showPasskey: Flow["ask"] = async ({ userId }, index) => {
  const { text } = await post("/sign-in/passkey/options", index, {});
  const { options } = JSON.parse(text) as { options: { challenge: string; rpId: string } };
  const device = new SoftwareAuthenticator({ rpId: options.rpId, origin: `http://${options.rpId}` });
  const userHandle = Buffer.from(toRow({ userId }), "hex").toString("base64url");
  return post("/sign-in/passkey", index, { passkey: device.signIn(options, { userHandle }) });
};

const restMs = 15;
const flows: readonly (Flow & {
  readonly sizes: readonly [whole: number, sample: number];
})[] = [
  { name: "signing in with a wrong password", ask: signIn, restMs: 0, sizes: [500, 14] },
  { name: "asking for a reset letter", ask: requestReset, restMs, sizes: [500, 60] },
  { name: "inviting an address", ask: invite, restMs: 0, sizes: [500, 30] },
  { name: "showing a passkey nobody registered", ask: showPasskey, restMs: 0, sizes: [500, 30] },
];

async function compare(flow: Flow, size: number): Promise<Series> {
  await measure(flow, people.slice(0, warmUps));
  return measure(flow, people.slice(0, size));
}

describe("somebody who exists and nobody", () => {
  it.each(flows)(
    "$name: one answer, and times that tell nothing",
    async (flow) => {
      const size = sized(...flow.sizes);
      let series = await compare(flow, size);
      const first = judgeTimes(flow.name, series, level);
      process.stdout.write(first.line);
      expect([...series.seen]).toHaveLength(1);
      let { p } = first;
      if (p <= level) {
        series = await compare(flow, size);
        const second = judgeTimes(`${flow.name}, again`, series, level);
        process.stdout.write(second.line);
        p = second.p;
      }
      expect(p).toBeGreaterThan(level);
      // What a comparison could not have seen, it says nothing about. So few requests on a busy machine see little of a hash.
      if (isWhole) expect(first.noticedMs).toBeLessThanOrEqual(Math.max(plantedMs, toMedian(series.known) / 2));
    },
    1_800_000,
  );

  it("a delay of 5 ms planted before the answers about those who exist is found", async () => {
    const delayed = new Set(people.map(({ email }) => email));
    const isDelayed = (body: string): boolean => [...delayed].some((email) => body.includes(email));
    const slow = await startSlowProxy({ url: installation.server.url, isDelayed, delayMs: plantedMs });
    const through = new Asker(slow.url);
    const ask: Flow["ask"] = ({ email }, index) =>
      through.ask({ path: "/api/v1/password-reset", method: "POST", headers: fromElsewhere(index), body: { email } });
    const flow = { name: "a planted delay", ask, restMs };
    await measure(flow, people.slice(0, warmUps));
    const { p, line } = judgeTimes(flow.name, await measure(flow, people.slice(0, sized(100, 60))), level);
    through.close();
    slow.close();
    process.stdout.write(line);
    expect(p).toBeLessThanOrEqual(level);
  }, 60_000);
});

describe("one answer to all, too", () => {
  async function post(path: string, form: Readonly<Record<string, string>>, index: number): Promise<Heard> {
    const { port } = new URL(installation.server.url);
    // Pages move on from the bare address to the name that passkeys need.
    const headers = { ...fromElsewhere(index), host: `localhost:${port}` };
    const page = await asker.ask({ path, headers });
    const visit = `__Host-parley-visit=${findCookie(page, "__Host-parley-visit") ?? ""}`;
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? "";
    return asker.ask({ path, method: "POST", headers: { ...headers, cookie: visit }, form: { ...form, csrf } });
  }

  it.each([
    ["/sign-in", 401],
    ["/reset", 200],
  ])("the page %s", async (path, status) => {
    const [somebody] = people as [Resident];
    const answers: Heard[] = [];
    for (const [index, { email }] of [somebody, toNobody(somebody)].entries()) {
      answers.push(await post(path, { email, password: wrong }, 60_000 + index));
    }
    expect(answers.map((answer) => answer.status)).toEqual([status, status]);
    expect(new Set(answers.map(toSeen)).size).toBe(1);
  });

  it("whatever state an account is in: disabled, without a password, with a second factor, all its tries spent", async () => {
    const states = [
      "status = 'disabled'",
      "password = null",
      "password_failures = 100",
      "password_locked_until = now() + interval '1 hour'",
    ];
    const subjects: { subject: Subject; password: string }[] = [];
    for (const [index, state] of states.entries()) {
      const subject = people[index + 10] as Resident;
      await installation.query(`update users set ${state} where user_id = $1`, [toRow(subject)]);
      // The right one: what is wrong is the account.
      subjects.push({ subject, password: installation.house.password });
    }
    const factored = people[20] as Resident;
    const insert = "insert into totp_factors (user_id, secret, confirmed_at) values ($1, '\\x00', now())";
    await installation.query(insert, [toRow(factored)]);
    for (const subject of [factored, toNobody(factored)]) subjects.push({ subject, password: wrong });
    const seen = new Set<string>();
    for (const [index, { subject, password }] of subjects.entries()) {
      const { email } = subject;
      const body = { email, password };
      const headers = fromElsewhere(61_000 + index);
      seen.add(toSeen(await asker.ask({ path: "/api/v1/sign-in", method: "POST", headers, body })));
    }
    expect(seen.size).toBe(1);
  }, 60_000);

  it("a ticket for the second step that was spent and one that nobody was given", async () => {
    const factored = people[20] as Resident;
    const headers = fromElsewhere(62_000);
    const body = { email: factored.email, password: installation.house.password };
    const first = await asker.ask({ path: "/api/v1/sign-in", method: "POST", headers, body });
    const { ticket } = JSON.parse(first.text) as { ticket: string };
    const hash = "sha256(convert_to($1, 'UTF8'))";
    await installation.query(`update one_time_secrets set used_at = now() where hash = ${hash}`, [ticket]);
    const seen = new Set<string>();
    for (const shown of [ticket, "A".repeat(43), "B".repeat(43)]) {
      const answer = { ticket: shown, method: "totp", code: "000000" };
      seen.add(toSeen(await asker.ask({ path: "/api/v1/sign-in/factor", method: "POST", headers, body: answer })));
      const options = { ticket: shown };
      const asked = await asker.ask({
        path: "/api/v1/sign-in/passkey/options",
        method: "POST",
        headers,
        body: options,
      });
      seen.add(toSeen(asked));
    }
    expect([...seen]).toHaveLength(1);
  }, 30_000);
});
