// A person makes a token: what it may do is checked against what they may do here themselves, today.

import type { UserActor } from "../../kernel/actor.ts";
import { AppError, type FieldMistake } from "../../kernel/errors.ts";
import type { ChannelId } from "../../kernel/ids.ts";
import type { TenantTx } from "../../platform/db/index.ts";
import { tokenErrors } from "./errors.ts";
import type { TokenKind } from "./format.ts";
import { type IssuedToken, type IssueTokenInput, issueToken, tokenDays } from "./issue-token.ts";
import { type Occasion, tellCreated } from "./letters.ts";
import { findChannels, getDaysMax } from "./listing-store.ts";
import { parseNetwork } from "./networks.ts";
import { listScopeMistakes, listScopesBeyond } from "./scopes.ts";
import type { TokenDeps } from "./token-deps.ts";

export interface CreateTokenInput {
  readonly kind: TokenKind;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly channelIds?: readonly ChannelId[] | undefined;
  readonly networks?: readonly string[] | undefined;
  readonly days?: number | undefined;
}

/** Who makes a token, in which request. */
export interface Making {
  readonly tx: TenantTx;
  readonly actor: UserActor;
  readonly occasion: Occasion;
}

function parseNetworks(networks: readonly string[], mistakes: FieldMistake[]): string[] {
  return networks.map((text, index) => {
    const network = parseNetwork(text);
    if (network === undefined) {
      mistakes.push({ path: `networks[${index}]`, message: "is no address or range such as 203.0.113.0/24" });
    }
    return network ?? text;
  });
}

async function listChannelMistakes(tx: TenantTx, channelIds: readonly ChannelId[]): Promise<FieldMistake[]> {
  const found = await findChannels(tx, channelIds);
  return channelIds.flatMap((channelId, index) =>
    found.includes(channelId) ? [] : [{ path: `channelIds[${index}]`, message: "is no channel of this app" }],
  );
}

/**
 * The channels of a token. SECURITY: within its maker's own; whoever is limited to some makes tokens limited to these,
 * and another channel answers like one that does not exist.
 */
async function toChannels(making: Making, wanted: readonly ChannelId[] | undefined, mistakes: FieldMistake[]) {
  const limits = making.actor.channelIds;
  if (wanted === undefined) return limits;
  const unknown = await listChannelMistakes(making.tx, wanted);
  const beyond = wanted.flatMap((channelId, index) =>
    limits?.includes(channelId) === false
      ? [{ path: `channelIds[${index}]`, message: "is no channel of this app" }]
      : [],
  );
  mistakes.push(...(unknown.length > 0 ? unknown : beyond));
  return wanted;
}

/** How long a token lives: as asked, 90 days unless said, never longer than the organisation lets it. */
async function toDays(tx: TenantTx, wanted: number | undefined, mistakes: FieldMistake[]): Promise<number> {
  const most = Math.min(await getDaysMax(tx.organisation), tokenDays.most);
  if (wanted !== undefined && wanted > most) {
    mistakes.push({ path: "days", message: `must be at most ${most}, your organisation's limit` });
  }
  return wanted ?? Math.min(tokenDays.usual, most);
}

/** Throws `tokens.beyond_maker`, naming each scope that the maker does not hold here. */
export function assertHeld(scopes: readonly string[], actor: UserActor): void {
  const mistakes = listScopesBeyond(scopes, actor.scopes);
  if (mistakes.length > 0) throw new AppError(tokenErrors.beyondMaker, { mistakes });
}

async function readToken(making: Making, input: CreateTokenInput): Promise<IssueTokenInput> {
  const { kind, name, scopes } = input;
  const mistakes = listScopeMistakes(scopes, kind);
  const networks = input.networks === undefined ? undefined : parseNetworks(input.networks, mistakes);
  const channelIds = await toChannels(making, input.channelIds, mistakes);
  const days = await toDays(making.tx, input.days, mistakes);
  if (mistakes.length > 0) throw new AppError(tokenErrors.invalid, { mistakes });
  assertHeld(scopes, making.actor);
  return { kind, name, scopes, networks, channelIds, days };
}

/**
 * Makes a token for the acting person and tells them by letter. Throws `tokens.invalid` with every mistake, or
 * `tokens.beyond_maker`.
 */
export async function createToken(deps: TokenDeps, making: Making, input: CreateTokenInput): Promise<IssuedToken> {
  const token = await readToken(making, input);
  const issued = await issueToken(making.tx, token, deps);
  await tellCreated(deps, making, { ...token, expiresAt: issued.expiresAt });
  return issued;
}
