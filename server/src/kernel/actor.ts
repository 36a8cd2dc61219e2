// Who acts. Every transaction is opened by an actor, and every record of an act names one.

import type { AppId, ChannelId, OrganisationId, SessionId, TokenId, UserId, VisitorId } from "./ids.ts";

/** A permission, `resource:verb`, or a bundle of one resource, `resource:admin`. */
export type Permission = `${string}:${string}`;

export interface TokenActor {
  readonly kind: "token";
  readonly tokenId: TokenId;
  readonly organisationId: OrganisationId;
  readonly appId: AppId;
  /** What it may do: its scopes, cut down to what its maker may do today. */
  readonly scopes: readonly string[];
  /** Undefined: every channel of the app. */
  readonly channelIds?: readonly ChannelId[] | undefined;
}

/** A person with a session. Where the person stands follows from the operation: an organisation, an app, or neither. */
export interface UserActor {
  readonly kind: "user";
  readonly userId: UserId;
  readonly sessionId: SessionId;
  readonly organisationId?: OrganisationId | undefined;
  readonly appId?: AppId | undefined;
  /** What the person may do here today; empty where no permission is asked for. */
  readonly scopes: readonly string[];
  /** Undefined: every channel of the app. */
  readonly channelIds?: readonly ChannelId[] | undefined;
  /** True when a second factor was shown within ten minutes. */
  readonly isSteppedUp: boolean;
}

/** Somebody who has not said who they are: signing in, setting up, accepting an invitation. */
export interface AnonymousActor {
  readonly kind: "anonymous";
}

/** A visitor of a website: one browser's session with one channel, as its token says. */
export interface VisitorActor {
  readonly kind: "visitor";
  readonly visitorId: VisitorId;
  readonly organisationId: OrganisationId;
  readonly appId: AppId;
  readonly channelId: ChannelId;
  /** The origin of the page that shows the chat. */
  readonly site: string;
  /** Rises whenever the token is exchanged; a token of a lower one was copied. */
  readonly generation: number;
  /** False until something was sent: then nothing of the visitor is stored. */
  readonly isBegun: boolean;
  /** No permission is a visitor's: the operations for visitors ask for none, all others for some. */
  readonly scopes: readonly [];
  readonly channelIds: readonly [ChannelId];
}

/** A messaging platform whose signature was verified. */
export interface ChannelActor {
  readonly kind: "channel";
  readonly channelId: ChannelId;
}

/** The product itself: pipelines and background jobs. */
export interface SystemActor {
  readonly kind: "system";
  readonly job: string;
}

/** A person at the command line of the machine. */
export interface OperatorActor {
  readonly kind: "operator";
  readonly command: string;
}

/** Who can call an operation. */
export type Caller = TokenActor | UserActor | VisitorActor | AnonymousActor;

export type Actor = Caller | ChannelActor | SystemActor | OperatorActor;

/** The channels a caller is limited to; undefined: every channel. Who has not said who they are may reach none. */
export function channelLimitsOf(actor: Caller): readonly ChannelId[] | undefined {
  return actor.kind === "anonymous" ? [] : actor.channelIds;
}

/** Answers whether a caller's rights reach this channel. */
export function isAllowedChannel(actor: Caller, channelId: ChannelId): boolean {
  return channelLimitsOf(actor)?.includes(channelId) ?? true;
}

/** One word and id for logs and audit entries. */
export function describeActor(actor: Actor): string {
  switch (actor.kind) {
    case "token":
      return `token:${actor.tokenId}`;
    case "user":
      return `user:${actor.userId}`;
    case "visitor":
      return `visitor:${actor.visitorId}`;
    case "anonymous":
      return "anonymous";
    case "channel":
      return `channel:${actor.channelId}`;
    case "system":
      return `system:${actor.job}`;
    case "operator":
      return `operator:${actor.command}`;
  }
}
