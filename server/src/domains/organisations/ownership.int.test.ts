import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOffice, type Office, type Person } from "./testing/office.ts";

let office: Office;
beforeAll(async () => {
  office = await createOffice();
});
afterAll(() => office.close());

describe("the last owner", () => {
  it("cannot be removed, disabled or demoted, also not by themselves", async () => {
    const person = await office.addPerson();
    const where = { organisationId: await office.found(person, "Alone") };
    const last = "organisations.last_owner";
    const { userId } = person;
    expect((await office.call(person, "users.remove", { userId }, where)).code).toBe(last);
    expect((await office.call(person, "users.disable", { userId }, where)).code).toBe(last);
    expect((await office.call(person, "users.setGrants", { userId, grants: [{ role: "admin" }] }, where)).code).toBe(
      last,
    );
    expect((await office.call(person, "organisations.get", {}, where)).status).toBe(200);
  });

  it("SECURITY: stays, when two owners remove each other at once", async () => {
    for (let round = 0; round < 10; round += 1) {
      const one = await office.addPerson();
      const where = { organisationId: await office.found(one, "Duel") };
      const two = await office.addMember(where.organisationId, [{ role: "owner" }]);
      const [first, second] = await Promise.all([
        office.call(one, "users.remove", { userId: two.userId }, where),
        office.call(two, "users.remove", { userId: one.userId }, where),
      ]);
      expect([first.status, second.status].filter((status) => status === 200)).toHaveLength(1);
      const visits = await Promise.all([one, two].map((who) => office.call(who, "organisations.get", {}, where)));
      expect(visits.filter((visit) => visit.status === 200)).toHaveLength(1);
    }
  });
});

describe("handing an organisation on", () => {
  it("makes the heir owner and the former owner admin once the heir accepts, who alone can", async () => {
    const person = await office.addPerson();
    const where = { organisationId: await office.found(person, "Heirloom") };
    const heir = await office.addMember(where.organisationId, [{ role: "support" }]);
    const bystander = await office.addMember(where.organisationId, [{ role: "admin" }]);
    const offer = { userId: heir.userId };
    expect((await office.call(bystander, "ownership.offer", offer, where)).code).toBe("api.forbidden");
    const weak = await office.signIn(person.userId, false);
    expect((await office.call(weak, "ownership.offer", offer, where)).code).toBe("api.step_up_required");
    expect((await office.call(person, "ownership.offer", offer, where)).status).toBe(200);
    expect((await office.listLetters()).at(-1)).toMatchObject({ to: heir.email });
    expect((await office.call(bystander, "ownership.get", {}, where)).code).toBe("organisations.no_offer");
    expect((await office.call(bystander, "ownership.accept", {}, where)).code).toBe("organisations.no_offer");
    const weakHeir = await office.signIn(heir.userId, false);
    expect((await office.call(weakHeir, "ownership.accept", {}, where)).code).toBe("api.step_up_required");
    const tries = await Promise.all(Array.from({ length: 5 }, () => office.call(heir, "ownership.accept", {}, where)));
    expect(tries.filter((answer) => answer.status === 200)).toHaveLength(1);
    const users = (await office.call(heir, "users.list", {}, where)).body["items"] as {
      userId: string;
      grants: unknown;
    }[];
    const roleOf = (who: Person) => users.find((user) => user.userId === who.userId)?.grants;
    expect(roleOf(heir)).toMatchObject([{ role: "owner" }]);
    expect(roleOf(person)).toMatchObject([{ role: "admin" }]);
  });

  it("SECURITY: ends with the owner who offered it, with another offer, and when either takes it back", async () => {
    const person = await office.addPerson();
    const where = { organisationId: await office.found(person, "Ended") };
    const [heir, other] = [
      await office.addMember(where.organisationId, [{ role: "support" }]),
      await office.addMember(where.organisationId, [{ role: "owner" }]),
    ];
    await office.call(person, "ownership.offer", { userId: heir.userId }, where);
    await office.call(other, "users.setGrants", { userId: person.userId, grants: [{ role: "admin" }] }, where);
    expect((await office.call(heir, "ownership.accept", {}, where)).code).toBe("organisations.no_offer");
    await office.call(other, "ownership.offer", { userId: heir.userId }, where);
    await office.call(other, "ownership.offer", { userId: person.userId }, where);
    expect((await office.call(heir, "ownership.accept", {}, where)).code).toBe("organisations.no_offer");
    expect((await office.call(person, "ownership.end", {}, where)).status).toBe(200);
    expect((await office.call(person, "ownership.accept", {}, where)).code).toBe("organisations.no_offer");
    const stranger = await office.addPerson();
    expect((await office.call(other, "ownership.offer", { userId: stranger.userId }, where)).code).toBe(
      "organisations.unknown_heir",
    );
    expect((await office.call(other, "ownership.offer", { userId: other.userId }, where)).code).toBe(
      "organisations.unknown_heir",
    );
  });
});
