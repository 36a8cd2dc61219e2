// Who acts. Every transaction is opened by an actor, and every record of an act names one.

import type { AppId, ChannelId, OrganisationId, TokenId } from "./ids.ts";

/** A permission, `resource:verb`, or a bundle of one resource, `resource:admin`. */
export type Permission = `${string}:${string}`;

export interface TokenActor {
  readonly kind: "token";
  readonly tokenId: TokenId;
  readonly organisationId: OrganisationId;
  readonly appId: AppId;
  readonly scopes: readonly string[];
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

export type Actor = TokenActor | ChannelActor | SystemActor | OperatorActor;

/** One word and id for logs and audit entries. */
export function describeActor(actor: Actor): string {
  switch (actor.kind) {
    case "token":
      return `token:${actor.tokenId}`;
    case "channel":
      return `channel:${actor.channelId}`;
    case "system":
      return `system:${actor.job}`;
    case "operator":
      return `operator:${actor.command}`;
  }
}
