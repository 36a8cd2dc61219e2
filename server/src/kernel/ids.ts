// Ids: a UUIDv7 (RFC 9562 5.7) behind a readable prefix, `chn_019b...` (32 hex digits, no dashes). The prefix is part
// of the type, so a member's id cannot be passed where a channel's is wanted. PostgreSQL stores the bare UUID.

export const idPrefixes = {
  organisation: "org",
  app: "app",
  user: "usr",
  channel: "chn",
  member: "mem",
  conversation: "cnv",
  message: "msg",
  event: "evt",
  trace: "trc",
  tree: "tre",
  treeVersion: "trv",
  token: "tok",
  key: "key",
  endpoint: "whe",
  delivery: "whd",
  session: "ses",
  passkey: "psk",
  role: "rol",
  grant: "grt",
  invitation: "inv",
  letter: "ltr",
  file: "fil",
  visitor: "vis",
} as const;

export type IdKind = keyof typeof idPrefixes;
export type Id<K extends IdKind> = `${(typeof idPrefixes)[K]}_${string}`;

export type OrganisationId = Id<"organisation">;
export type UserId = Id<"user">;
export type SessionId = Id<"session">;
export type RoleId = Id<"role">;
export type GrantId = Id<"grant">;
export type InvitationId = Id<"invitation">;
export type PasskeyId = Id<"passkey">;
export type AppId = Id<"app">;
export type ChannelId = Id<"channel">;
export type MemberId = Id<"member">;
export type ConversationId = Id<"conversation">;
export type MessageId = Id<"message">;
export type EventId = Id<"event">;
export type TraceId = Id<"trace">;
export type TreeId = Id<"tree">;
export type TreeVersionId = Id<"treeVersion">;
export type TokenId = Id<"token">;
export type KeyId = Id<"key">;
export type EndpointId = Id<"endpoint">;
export type DeliveryId = Id<"delivery">;
export type FileId = Id<"file">;
export type VisitorId = Id<"visitor">;

/** Where a thing lives: the app inside its organisation. Nothing crosses it. */
export interface Tenant {
  readonly organisationId: OrganisationId;
  readonly appId: AppId;
}

const hexDigits = /^[0-9a-f]{32}$/;

/** Reads an id of one kind from outside; undefined when it is not exactly that. */
export function parseId<K extends IdKind>(kind: K, value: unknown): Id<K> | undefined {
  if (typeof value !== "string" || value.length !== 36) return undefined;
  const isOfKind = value.startsWith(`${idPrefixes[kind]}_`) && hexDigits.test(value.slice(4));
  return isOfKind ? (value as Id<K>) : undefined;
}

/** The bare UUID for the database (PostgreSQL reads it without dashes). */
export function toUuid(id: Id<IdKind>): string {
  return id.slice(4);
}

/** An id from a UUID as the database prints it. */
export function fromUuid<K extends IdKind>(kind: K, uuid: string): Id<K> {
  return `${idPrefixes[kind]}_${uuid.replaceAll("-", "")}` as Id<K>;
}

/** Formats 16 UUID bytes as an id. */
export function fromBytes<K extends IdKind>(kind: K, bytes: Buffer): Id<K> {
  return `${idPrefixes[kind]}_${bytes.toString("hex")}` as Id<K>;
}
