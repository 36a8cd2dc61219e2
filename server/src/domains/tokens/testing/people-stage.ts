// A stage with people on it: organisations, apps, users with roles, sessions. Rows are written past every barrier, so that
// what is tested starts from what is stored and not from what another part of the product thinks of it.

import { systemClock } from "../../../kernel/clock.ts";
import {
  type AppId,
  type ChannelId,
  type OrganisationId,
  type RoleId,
  type SessionId,
  type Tenant,
  toUuid,
  type UserId,
} from "../../../kernel/ids.ts";
import { Secret } from "../../../kernel/secret.ts";
import { drawBytes, newId } from "../../../platform/crypto/random.ts";
import { createTestDatabase, type TestDatabase } from "../../../platform/db/testing/test-database.ts";
import { issueSession } from "../../identity/index.ts";
import { InstallationKeys, Keychain, type KeyProvider, type Sealer, toKeyRing } from "../../keys/index.ts";
import { type BuiltInRole, createApp, createOrganisation } from "../../organisations/index.ts";

const operator = { kind: "operator", command: "test" } as const;
const origin = { address: "192.0.2.9", userAgent: "", deviceToken: undefined };

export interface GrantToAdd {
  readonly role: BuiltInRole | { readonly roleId: RoleId };
  readonly appId?: AppId | undefined;
  readonly channelIds?: readonly ChannelId[] | undefined;
}

export interface SignedIn {
  readonly sessionId: SessionId;
  readonly token: string;
}

export interface PeopleStage {
  readonly db: TestDatabase;
  readonly masterKey: Secret<string>;
  readonly provider: KeyProvider;
  readonly pepper: Secret<Buffer>;
  readonly keychain: Keychain;
  readonly installation: InstallationKeys;
  addOrganisation(name?: string): Promise<OrganisationId>;
  addApp(organisationId: OrganisationId, name?: string): Promise<Tenant>;
  addChannel(tenant: Tenant): Promise<ChannelId>;
  addUser(email: string): Promise<UserId>;
  addRole(organisationId: OrganisationId, permissions: readonly string[]): Promise<RoleId>;
  /** Makes the person a user of the organisation. */
  join(organisationId: OrganisationId, userId: UserId): Promise<void>;
  /** Replaces what the person holds at that place; makes them a user first. */
  grant(organisationId: OrganisationId, userId: UserId, grant: GrantToAdd): Promise<void>;
  signIn(userId: UserId, isSteppedUp?: boolean): Promise<SignedIn>;
  close(): Promise<void>;
}

type Query = TestDatabase["asAdmin"];

async function insertUser(query: Query, sealer: Sealer, email: string): Promise<UserId> {
  const userId = newId("user");
  const row = toUuid(userId);
  const seal = (column: string, text: string): Buffer => sealer.seal({ table: "users", column, row }, text);
  const index = sealer.blindIndex("users", "email", email);
  const values = [row, index, seal("email", email), seal("name", email.split("@")[0] ?? email)];
  await query("insert into users (user_id, email_index, email, name) values ($1, $2, $3, $4)", values);
  return userId;
}

interface Membership {
  readonly organisationId: OrganisationId;
  readonly userId: UserId;
  readonly email: string;
}

/** Every organisation keeps copies of address and name, bound to it. */
async function insertMembership(query: Query, sealer: Sealer, membership: Membership): Promise<void> {
  const { organisationId, userId, email } = membership;
  const [organisation, row] = [toUuid(organisationId), toUuid(userId)];
  const seal = (column: string, text: string): Buffer =>
    sealer.seal({ table: "organisation_users", column, row: `${organisation}${row}` }, text);
  await query(
    `insert into organisation_users (organisation_id, user_id, email, name, email_index) values ($1, $2, $3, $4, $5)
     on conflict do nothing`,
    [
      ...[organisation, row, seal("email", email), seal("name", email.split("@")[0] ?? email)],
      sealer.blindIndex("users", "email", email),
    ],
  );
}

async function insertGrant(
  query: Query,
  organisationId: OrganisationId,
  { userId, role, appId, channelIds }: GrantToAdd & { userId: UserId },
): Promise<void> {
  const place = [toUuid(organisationId), toUuid(userId), appId === undefined ? null : toUuid(appId)];
  await query(
    "delete from grants where organisation_id = $1 and user_id = $2 and in_app_id is not distinct from $3",
    place,
  );
  const builtIn = typeof role === "string" ? role : null;
  const roleId = typeof role === "string" ? null : toUuid(role.roleId);
  await query(
    `insert into grants (organisation_id, grant_id, user_id, in_app_id, built_in_role, role_id, channel_ids)
     values ($1, gen_random_uuid(), $2, $3, $4, $5, $6)`,
    [...place, builtIn, roleId, channelIds?.map(toUuid) ?? null],
  );
}

async function insertRole(query: Query, organisationId: OrganisationId, permissions: readonly string[]) {
  const roleId = newId("role");
  await query("insert into roles (organisation_id, role_id, name, permissions) values ($1, $2, $3, $4)", [
    ...[toUuid(organisationId), toUuid(roleId), `Role ${roleId}`.slice(0, 80), permissions],
  ]);
  return roleId;
}

async function insertChannel(query: Query, tenant: Tenant): Promise<ChannelId> {
  const channelId = newId("channel");
  await query(
    `insert into channels (organisation_id, app_id, channel_id, kind, name, enabled, settings, credentials, channel_secret)
     values ($1, $2, $3, 'custom', 'Bare', false, '{}', '\\x00', '\\x00')`,
    [toUuid(tenant.organisationId), toUuid(tenant.appId), toUuid(channelId)],
  );
  return channelId;
}

/** Sets the stage, on a database of its own. */
export async function createPeopleStage(): Promise<PeopleStage> {
  const db = await createTestDatabase();
  const masterKey = new Secret(drawBytes(32).toString("base64"));
  const { provider, pepper } = toKeyRing(masterKey);
  const keys = { database: db.database, provider, clock: systemClock };
  const [keychain, installation] = [new Keychain(keys), new InstallationKeys(keys)];
  const signIn: PeopleStage["signIn"] = async (userId, isSteppedUp = false) => {
    const sealer = await installation.sealer();
    const limits = { idleMinutes: 60, hours: 24 };
    const session = {
      methods: ["totp"] as const,
      isSteppedUp,
      limits,
      origin,
      sealer,
      device: "Test",
      network: "Test",
    };
    const issued = await db.database.withUser(operator, userId, (tx) => issueSession(tx, session));
    return { sessionId: issued.sessionId, token: issued.token.reveal() };
  };
  const emails = new Map<UserId, string>();
  const join: PeopleStage["join"] = async (organisationId, userId) => {
    const membership = { organisationId, userId, email: emails.get(userId) ?? "" };
    await insertMembership(db.asAdmin, await installation.sealer(), membership);
  };
  return {
    ...{ db, masterKey, provider, pepper, keychain, installation, signIn, join },
    addOrganisation: (name = "Test organisation") => createOrganisation(db.database, operator, name),
    addApp: (organisationId, name = "Test app") =>
      createApp({ database: db.database, provider, actor: operator }, organisationId, name),
    addChannel: (tenant) => insertChannel(db.asAdmin, tenant),
    addUser: async (email) => {
      const userId = await insertUser(db.asAdmin, await installation.sealer(), email);
      emails.set(userId, email);
      return userId;
    },
    addRole: (organisationId, permissions) => insertRole(db.asAdmin, organisationId, permissions),
    grant: async (organisationId, userId, grant) => {
      await join(organisationId, userId);
      await insertGrant(db.asAdmin, organisationId, { userId, ...grant });
    },
    close: async () => {
      keychain.close();
      installation.close();
      await db.close();
    },
  };
}
