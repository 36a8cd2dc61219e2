import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Permission } from "../../../kernel/actor.ts";
import type { AppId, ChannelId, RoleId } from "../../../kernel/ids.ts";
import { builtInRoles, permissions } from "./catalogue.ts";
import { coversGrant, type Grant, isAdministrative, listGrantPermissions, mayGrant, toRights } from "./rights.ts";

const apps = ["1", "2", "3"].map((digit): AppId => `app_${digit.repeat(32)}`);
const channels = ["a", "b", "c", "d"].map((digit): ChannelId => `chn_${digit.repeat(32)}`);
const roleId: RoleId = `rol_${"e".repeat(32)}`;

const anApp = fc.constantFrom(...apps);
const aPermission = fc.constantFrom(...permissions);
const someChannels = fc.option(fc.subarray(channels, { minLength: 1 }), { nil: undefined });
const aRole = fc.oneof(
  fc.constantFrom(...builtInRoles).map((builtIn) => ({ builtIn })),
  fc.subarray([...permissions], { minLength: 1 }).map((held) => ({ roleId, permissions: held })),
);
const aGrant: fc.Arbitrary<Grant> = fc.record({
  appId: fc.option(anApp, { nil: undefined }),
  role: aRole,
  channelIds: someChannels,
});
const someGrants = fc.array(aGrant, { maxLength: 4 });

/** What the grants say about one permission in one channel of one app, read off one by one. */
function isHeld(
  grants: readonly Grant[],
  at: { appId: AppId | undefined; permission: Permission; channel: ChannelId },
) {
  return grants.some(
    (grant) =>
      (grant.appId === undefined || grant.appId === at.appId) &&
      listGrantPermissions(grant).includes(at.permission) &&
      (grant.channelIds === undefined || grant.channelIds.includes(at.channel)),
  );
}

const elsewhere: ChannelId = `chn_${"9".repeat(32)}`;
const everyChannel = [...channels, elsewhere];

describe("rights", () => {
  it("SECURITY: are never more than the union of the grants, whichever permission is asked about", () => {
    fc.assert(
      fc.property(
        someGrants,
        fc.option(anApp, { nil: undefined }),
        fc.option(aPermission, { nil: undefined }),
        (grants, appId, about) => {
          const rights = toRights(grants, appId, about);
          for (const permission of rights?.permissions ?? []) {
            for (const channel of rights?.channelIds ?? everyChannel) {
              expect(isHeld(grants, { appId, permission, channel })).toBe(true);
            }
          }
        },
      ),
    );
  });

  it("are exactly the union for the permission that is asked about", () => {
    fc.assert(
      fc.property(
        someGrants,
        anApp,
        aPermission,
        fc.constantFrom(...everyChannel),
        (grants, appId, permission, channel) => {
          const rights = toRights(grants, appId, permission);
          const isGiven =
            rights?.permissions.includes(permission) === true && (rights.channelIds?.includes(channel) ?? true);
          expect(isGiven).toBe(isHeld(grants, { appId, permission, channel }));
        },
      ),
    );
  });

  it("SECURITY: of one app say nothing about another one, nor about the organisation", () => {
    fc.assert(
      fc.property(fc.array(aGrant.map((grant) => ({ ...grant, appId: apps[0] }))), aPermission, (grants, about) => {
        expect(toRights(grants, apps[1], about)).toBeUndefined();
        expect(toRights(grants, undefined, about)).toBeUndefined();
      }),
    );
  });

  it("never shrink by a further grant: a role in the whole organisation takes none of an app's away", () => {
    fc.assert(
      fc.property(someGrants, aGrant, anApp, aPermission, (grants, further, appId, about) => {
        const before = toRights(grants, appId, about);
        const after = toRights([...grants, further], appId, about);
        if (before?.permissions.includes(about) !== true) return;
        expect(after?.permissions).toContain(about);
        if (after?.channelIds === undefined) return;
        expect(before.channelIds).toBeDefined();
        expect(new Set(before.channelIds).isSubsetOf(new Set(after.channelIds))).toBe(true);
      }),
    );
  });
});

describe("granting", () => {
  it("SECURITY: whoever covers a grant holds all it gives, wherever it gives it", () => {
    fc.assert(
      fc.property(someGrants, aGrant, (own, wanted) => {
        if (!coversGrant(own, wanted)) return;
        const places = wanted.appId === undefined ? [undefined, ...apps] : [wanted.appId];
        for (const appId of places) {
          for (const permission of listGrantPermissions(wanted)) {
            for (const channel of wanted.channelIds ?? everyChannel) {
              expect(isHeld(own, { appId, permission, channel })).toBe(true);
            }
          }
        }
      }),
    );
  });

  it("SECURITY: a part of what one holds can be granted on, and one permission or channel more cannot", () => {
    const parts = fc.tuple(fc.nat(), someChannels, anApp, aPermission);
    fc.assert(
      fc.property(aGrant, parts, (own, [picked, wantedChannels, appId, another]) => {
        const held = listGrantPermissions(own).filter((_permission, index) => (index + picked) % 2 === 0);
        const channelIds = own.channelIds === undefined ? wantedChannels : own.channelIds.slice(0, 1);
        const part = { appId: own.appId ?? appId, role: { roleId, permissions: held }, channelIds };
        expect(coversGrant([own], part)).toBe(true);
        const isMore = !listGrantPermissions(own).includes(another);
        const more = { ...part, role: { roleId, permissions: [...held, another] } };
        expect(coversGrant([own], more)).toBe(!isMore);
        const wider = { ...part, channelIds: [...(channelIds ?? []), elsewhere] };
        expect(coversGrant([own], wider)).toBe(own.channelIds === undefined || held.length === 0);
        const further = { ...part, appId: undefined };
        expect(coversGrant([own], further)).toBe(own.appId === undefined || held.length === 0);
      }),
    );
  });

  it("is monotone: with more of one's own, no less can be granted", () => {
    fc.assert(
      fc.property(someGrants, aGrant, aGrant, (own, more, wanted) => {
        expect(!coversGrant(own, wanted) || coversGrant([...own, more], wanted)).toBe(true);
      }),
    );
  });

  it("covers what somebody holds, and nothing for nobody", () => {
    fc.assert(
      fc.property(someGrants, aGrant, (grants, one) => {
        for (const grant of grants) expect(coversGrant(grants, grant)).toBe(true);
        expect(coversGrant([], one)).toBe(false);
      }),
    );
  });

  it("SECURITY: rights at a place give no permission and no channel beyond themselves", () => {
    fc.assert(
      fc.property(someGrants, someGrants, anApp, (own, wanted, appId) => {
        const [mine, theirs] = [toRights(own, appId), toRights(wanted, appId)];
        if (mine === undefined || theirs === undefined || !mayGrant(mine, theirs)) return;
        expect(new Set(theirs.permissions).isSubsetOf(new Set(mine.permissions))).toBe(true);
        if (mine.channelIds !== undefined)
          expect(theirs.channelIds?.every((id) => mine.channelIds?.includes(id))).toBe(true);
      }),
    );
  });

  it("knows an administrator by what they hold, also through a custom role", () => {
    const custom = (held: string[]): Grant => ({
      appId: apps[0],
      role: { roleId, permissions: held },
      channelIds: undefined,
    });
    expect(isAdministrative(custom(["user:update"]))).toBe(true);
    expect(isAdministrative(custom(["token:create", "conversation:read"]))).toBe(false);
    const holders = builtInRoles.filter((builtIn) => isAdministrative({ ...custom([]), role: { builtIn } }));
    expect(holders).toEqual(["owner", "admin"]);
  });
});
