// Who a visitor is to the bot: somebody unknown, by the session alone, or somebody the website vouches for, by its own
// name for them. The two never become one: what an unknown visitor wrote stays theirs.

import type { VisitorActor } from "../../../kernel/actor.ts";
import { type ChannelId, toUuid, type VisitorId } from "../../../kernel/ids.ts";
import type { TenantTx } from "../../../platform/db/index.ts";
import { toAnonymousId } from "../../channels/index.ts";
import { toExternalKey } from "../../conversations/index.ts";
import type { Field, Sealer } from "../../keys/index.ts";
import { findVisitor, insertVisitor, type StoredVisitor } from "../store.ts";

/** What a website says of somebody it vouches for. */
export interface Identity {
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly isEmailVerified: boolean;
}

export interface Who {
  readonly externalId: string;
  readonly externalKey: Buffer;
  readonly isVerified: boolean;
  readonly identity: Identity | undefined;
  /** The visitor's row, once there is one. */
  readonly stored: StoredVisitor | undefined;
}

function toIdentityField(visitorId: VisitorId): Field {
  return { table: "visitors", column: "identity", row: toUuid(visitorId) };
}

/** Who the visitor is. */
export async function findWho(tx: TenantTx, actor: VisitorActor, sealer: Sealer): Promise<Who> {
  const stored = await findVisitor(tx, actor.visitorId);
  if (stored === undefined) {
    const externalId = toAnonymousId(actor.visitorId);
    const externalKey = toExternalKey(sealer, actor.channelId, externalId);
    return { externalId, externalKey, isVerified: false, identity: undefined, stored };
  }
  const field = { table: "visitors", column: "external_id", row: toUuid(actor.visitorId) };
  const externalId = sealer.open(field, stored.externalId).toString("utf8");
  const { externalKey, isVerified } = stored;
  const sealed = stored.identity;
  const identity: Identity | undefined =
    sealed && JSON.parse(sealer.open(toIdentityField(actor.visitorId), sealed).toString("utf8"));
  return { externalId, externalKey, isVerified, identity, stored };
}

export interface Beginning {
  readonly visitorId: VisitorId;
  readonly channelId: ChannelId;
  readonly site: string;
  readonly externalId: string;
  readonly isVerified: boolean;
  readonly identity?: Identity | undefined;
}

/** Stores a visitor's session, which until then was in its token alone. */
export async function beginVisitor(tx: TenantTx, sealer: Sealer, beginning: Beginning): Promise<void> {
  const { visitorId, channelId, site, externalId, isVerified, identity } = beginning;
  await insertVisitor(tx, {
    ...{ visitorId, channelId, site, isVerified },
    identity: identity && sealer.seal(toIdentityField(visitorId), JSON.stringify(identity)),
    externalId: sealer.seal({ table: "visitors", column: "external_id", row: toUuid(visitorId) }, externalId),
    externalKey: toExternalKey(sealer, channelId, externalId),
  });
}
