// The SQL of the users of one organisation. E-mail address and name are ciphertext under the installation's key.

import { type AppId, type ChannelId, fromUuid, type RoleId, toUuid, type UserId } from "../../../kernel/ids.ts";
import { type OrganisationTx, organisationStatement } from "../../../platform/db/index.ts";
import type { BuiltInRole } from "../rights/catalogue.ts";

export type UserStatus = "active" | "disabled" | "removed";

/** A grant as it is listed: with the names people know things by. */
export interface ListedGrant {
  readonly role: BuiltInRole | RoleId;
  readonly roleName: string;
  readonly appId: AppId | undefined;
  readonly appName: string | undefined;
  readonly channelIds: readonly ChannelId[] | undefined;
}

export interface StoredUser {
  readonly userId: UserId;
  readonly email: Buffer;
  readonly name: Buffer;
  readonly status: UserStatus;
  readonly joinedAt: Date;
  readonly grants: readonly ListedGrant[];
}

interface UserRow {
  user_id: string;
  email: Buffer;
  name: Buffer;
  status: UserStatus;
  joined_at: Date;
  grants: {
    built_in_role: BuiltInRole | null;
    role_id: string | null;
    role_name: string | null;
    in_app_id: string | null;
    app_name: string | null;
    channel_ids: string[] | null;
  }[];
}

function toGrant(row: UserRow["grants"][number]): ListedGrant {
  const role = row.built_in_role ?? fromUuid("role", row.role_id ?? "");
  return {
    role,
    roleName: row.role_name ?? role,
    appId: row.in_app_id === null ? undefined : fromUuid("app", row.in_app_id),
    appName: row.app_name ?? undefined,
    channelIds: row.channel_ids?.map((uuid) => fromUuid("channel", uuid)),
  };
}

function toUser(row: UserRow): StoredUser {
  return {
    userId: fromUuid("user", row.user_id),
    ...{ email: row.email, name: row.name, status: row.status, joinedAt: row.joined_at },
    grants: row.grants.map(toGrant),
  };
}

const columns = `m.user_id, m.email, m.name, m.status, m.joined_at,
  coalesce((select json_agg(json_build_object('built_in_role', g.built_in_role, 'role_id', g.role_id,
      'role_name', r.name, 'in_app_id', g.in_app_id, 'app_name', a.name, 'channel_ids', g.channel_ids)
      order by g.in_app_id nulls first)
    from grants g left join roles r on r.organisation_id = $1 and r.role_id = g.role_id
      left join apps a on a.organisation_id = $1 and a.app_id = g.in_app_id
    where g.organisation_id = $1 and g.user_id = m.user_id), '[]') as grants`;

const listUsersSql = organisationStatement<UserRow>(
  "organisations.list_users",
  `select ${columns} from organisation_users m where m.organisation_id = $1 and m.status <> 'removed'
   and ($2::uuid is null or m.user_id > $2) order by m.user_id limit $3`,
);

/** A page of users, in the order of their accounts' age. */
export async function listUsers(
  tx: OrganisationTx,
  page: { after?: UserId | undefined; first: number },
): Promise<StoredUser[]> {
  const after = page.after === undefined ? null : toUuid(page.after);
  return (await tx.query(listUsersSql, [after, page.first])).map(toUser);
}

const findUserSql = organisationStatement<UserRow>(
  "organisations.find_user",
  `select ${columns} from organisation_users m where m.organisation_id = $1 and m.user_id = $2
   and m.status <> 'removed'`,
);

export async function findUser(tx: OrganisationTx, userId: UserId): Promise<StoredUser | undefined> {
  const row = (await tx.query(findUserSql, [toUuid(userId)]))[0];
  return row === undefined ? undefined : toUser(row);
}

export interface UserCopy {
  readonly userId: UserId;
  readonly emailIndex: Buffer;
  readonly email: Buffer;
  readonly name: Buffer;
}

const putUserSql = organisationStatement<{ user_id: string }>(
  "organisations.put_user",
  `insert into organisation_users as m (organisation_id, user_id, email_index, email, name) values ($1, $2, $3, $4, $5)
   on conflict (organisation_id, user_id) do update set status = 'active', joined_at = now(),
     email_index = excluded.email_index, email = excluded.email, name = excluded.name
   where m.status = 'removed' returning user_id`,
);

/** Makes somebody a user, or one again who was removed. Answers false when they are one, disabled or not. */
export async function putUser(tx: OrganisationTx, copy: UserCopy): Promise<boolean> {
  const { userId, emailIndex, email, name } = copy;
  return (await tx.query(putUserSql, [toUuid(userId), emailIndex, email, name])).length > 0;
}

const storeCopySql = organisationStatement<never>(
  "organisations.store_copy",
  `update organisation_users set email_index = $3, email = $4, name = $5
   where organisation_id = $1 and user_id = $2`,
);

export async function storeCopy(tx: OrganisationTx, copy: UserCopy): Promise<void> {
  const { userId, emailIndex, email, name } = copy;
  await tx.query(storeCopySql, [toUuid(userId), emailIndex, email, name]);
}

const setStatusSql = organisationStatement<{ user_id: string }>(
  "organisations.set_user_status",
  `update organisation_users set status = $3 where organisation_id = $1 and user_id = $2
   and status <> 'removed' returning user_id`,
);

/** Answers whether there is such a user. */
export async function setStatus(tx: OrganisationTx, userId: UserId, status: UserStatus): Promise<boolean> {
  return (await tx.query(setStatusSql, [toUuid(userId), status])).length > 0;
}

const hasAddressSql = organisationStatement<{ user_id: string }>(
  "organisations.has_address",
  `select user_id from organisation_users where organisation_id = $1 and email_index = $2 and status <> 'removed' limit 1`,
);

/** Answers whether an address belongs to a user of this organisation. It looks nowhere else. */
export async function hasAddress(tx: OrganisationTx, emailIndex: Buffer): Promise<boolean> {
  return (await tx.query(hasAddressSql, [emailIndex])).length > 0;
}

const listActiveSql = organisationStatement<{ user_id: string }>(
  "organisations.list_active_users",
  `select user_id from organisation_users where organisation_id = $1 and status = 'active'
   and ($2::uuid is null or user_id > $2) order by user_id limit $3`,
);

/** A page of the ids of active users. */
export async function listActiveUsers(
  tx: OrganisationTx,
  page: { after?: UserId | undefined; first: number },
): Promise<UserId[]> {
  const after = page.after === undefined ? null : toUuid(page.after);
  const rows = await tx.query(listActiveSql, [after, page.first]);
  return rows.map((row) => fromUuid("user", row.user_id));
}
