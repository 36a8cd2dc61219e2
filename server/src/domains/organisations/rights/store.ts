// The SQL of grants: read on every request of a person, so that a change holds on the next one.

import { type AppId, type ChannelId, fromUuid, toUuid, type UserId } from "../../../kernel/ids.ts";
import { type OrganisationTx, organisationStatement } from "../../../platform/db/index.ts";
import type { BuiltInRole } from "./catalogue.ts";
import type { Grant } from "./rights.ts";

/** What an organisation asks of its people. */
export interface OrganisationPolicy {
  readonly factorPolicy: "optional" | "required" | "phishing_resistant";
  readonly factorGraceUntilMs: number | undefined;
  readonly sessionIdleMinutes: number;
  readonly sessionHours: number;
  readonly adminIdleMinutes: number;
  readonly adminSessionHours: number;
  readonly isSuspended: boolean;
}

export interface Standing {
  readonly grants: readonly Grant[];
  readonly policy: OrganisationPolicy;
  /** Apps that are suspended or about to be deleted. */
  readonly closedAppIds: readonly AppId[];
}

interface StandingRow {
  factor_policy: OrganisationPolicy["factorPolicy"];
  factor_grace_until: Date | null;
  session_idle_minutes: number;
  session_hours: number;
  admin_idle_minutes: number;
  admin_session_hours: number;
  is_suspended: boolean;
  closed_app_ids: string[];
  grants: {
    in_app_id: string | null;
    built_in_role: BuiltInRole | null;
    role_id: string | null;
    permissions: string[] | null;
    channel_ids: string[] | null;
  }[];
}

const loadStandingSql = organisationStatement<StandingRow>(
  "organisations.load_standing",
  `select o.factor_policy, o.factor_grace_until, o.session_idle_minutes, o.session_hours, o.admin_idle_minutes,
     o.admin_session_hours, (o.suspended_at is not null or o.delete_after is not null) as is_suspended,
     array(select a.app_id from apps a where a.organisation_id = $1
       and (a.suspended_at is not null or a.delete_after is not null)) as closed_app_ids,
     coalesce((select json_agg(json_build_object('in_app_id', g.in_app_id, 'built_in_role', g.built_in_role,
         'role_id', g.role_id, 'permissions', r.permissions, 'channel_ids', g.channel_ids))
       from grants g left join roles r on r.organisation_id = $1 and r.role_id = g.role_id
       where g.organisation_id = $1 and g.user_id = $2), '[]') as grants
   from organisations o where o.organisation_id = $1 and exists (select from organisation_users m
     where m.organisation_id = $1 and m.user_id = $2 and m.status = 'active')`,
);

function toGrant(row: StandingRow["grants"][number]): Grant {
  const role =
    row.role_id === null
      ? { builtIn: row.built_in_role as BuiltInRole }
      : { roleId: fromUuid("role", row.role_id), permissions: row.permissions ?? [] };
  return {
    appId: row.in_app_id === null ? undefined : fromUuid("app", row.in_app_id),
    role,
    channelIds: row.channel_ids?.map((uuid): ChannelId => fromUuid("channel", uuid)),
  };
}

/** What a person holds in the transaction's organisation; undefined when they are not an active user of it. */
export async function findStanding(tx: OrganisationTx, userId: UserId): Promise<Standing | undefined> {
  const row = (await tx.query(loadStandingSql, [toUuid(userId)]))[0];
  if (row === undefined) return undefined;
  return {
    grants: row.grants.map(toGrant),
    closedAppIds: row.closed_app_ids.map((uuid) => fromUuid("app", uuid)),
    policy: {
      factorPolicy: row.factor_policy,
      factorGraceUntilMs: row.factor_grace_until?.getTime(),
      sessionIdleMinutes: row.session_idle_minutes,
      sessionHours: row.session_hours,
      adminIdleMinutes: row.admin_idle_minutes,
      adminSessionHours: row.admin_session_hours,
      isSuspended: row.is_suspended,
    },
  };
}
