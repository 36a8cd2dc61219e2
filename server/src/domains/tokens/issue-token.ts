// Makes an access token. The token itself is returned once and never stored.

import { describeActor } from "../../kernel/actor.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { ChannelId, TokenId } from "../../kernel/ids.ts";
import type { Secret } from "../../kernel/secret.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { TenantTx } from "../../platform/db/index.ts";
import { hashToken } from "./authenticate.ts";
import { drawToken, type TokenKind } from "./format.ts";
import { insertToken } from "./store.ts";

const dayMs = 86_400_000;
/** Days a token lives unless its maker says otherwise, and at most. */
export const tokenDays = { usual: 90, most: 365 } as const;
const shownLength = 14;

export interface IssueTokenInput {
  readonly kind: TokenKind;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly days?: number;
  /** Undefined: every channel. */
  readonly channelIds?: readonly ChannelId[] | undefined;
  /** CIDR ranges as `parseNetwork` spells them; undefined: from anywhere. */
  readonly networks?: readonly string[] | undefined;
}

export interface IssuedToken {
  readonly tokenId: TokenId;
  readonly token: string;
  readonly expiresAt: Date;
}

/** Issues a token bound to the transaction's app. A person who acts is its maker, and its rights are never more. */
export async function issueToken(
  tx: TenantTx,
  input: IssueTokenInput,
  options: { pepper: Secret<Buffer>; clock: Clock },
): Promise<IssuedToken> {
  const token = drawToken(input.kind);
  const tokenId = newId("token");
  const days = Math.min(input.days ?? tokenDays.usual, tokenDays.most);
  const createdAt = new Date(options.clock.nowMs());
  const expiresAt = new Date(createdAt.getTime() + days * dayMs);
  await insertToken(tx, {
    tokenId,
    kind: input.kind,
    name: input.name,
    hash: hashToken(token, options.pepper),
    shown: token.slice(0, shownLength),
    scopes: input.scopes,
    madeBy: describeActor(tx.actor),
    madeByUserId: tx.actor.kind === "user" ? tx.actor.userId : undefined,
    channelIds: input.channelIds,
    networks: input.networks,
    createdAt,
    expiresAt,
  });
  return { tokenId, token, expiresAt };
}
