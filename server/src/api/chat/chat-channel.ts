// What the public chat has to know of a channel and of a visitor. Found by others: this surface knows no domain.

import type { VisitorActor } from "../../kernel/actor.ts";
import type { ChannelId, Tenant } from "../../kernel/ids.ts";

/** A channel that websites may show. */
export interface ChatChannel {
  readonly tenant: Tenant;
  readonly channelId: ChannelId;
  /** Exactly these pages may show it. Empty: nobody's. */
  readonly origins: readonly string[];
}

/** The channel, when it is one for websites and switched on. */
export type FindChatChannel = (channelId: ChannelId) => Promise<ChatChannel | undefined>;

export interface VisitorCredentials {
  readonly authorization: string | undefined;
  readonly channel: ChatChannel;
  readonly site: string;
  readonly remoteAddress: string;
  readonly requestId: string;
  /** The token is shown to be exchanged: it may have run out, or have been exchanged by a request whose answer was lost. */
  readonly isRotation: boolean;
}

/** From a token to a visitor. Throws an `AppError` of status 401 for anything but a living token of this channel and site. */
export type AuthenticateVisitor = (credentials: VisitorCredentials) => Promise<VisitorActor>;

/** A visitor nobody has seen. */
export type GreetVisitor = (channel: ChatChannel, site: string) => VisitorActor;
