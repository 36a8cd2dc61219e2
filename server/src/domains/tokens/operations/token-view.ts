// How a token is shown to those who look after it. SECURITY: neither the token nor its hash is part of any view.

import { z } from "zod";
import { idOf } from "../../../kernel/id-schema.ts";
import type { ListedToken } from "../listing-store.ts";

export const tokenBounds = { scopes: 50, channels: 100, networks: 20 } as const;

export const TokenView = z.object({
  tokenId: idOf("token"),
  kind: z.enum(["api", "bot"]),
  name: z.string().max(200),
  /** Its first characters. */
  shown: z.string().max(20),
  scopes: z.array(z.string().max(80)).max(1000),
  /** Missing: every channel. */
  channelIds: z.array(idOf("channel")).max(1000).optional(),
  /** CIDR ranges it works from. Missing: from anywhere. */
  networks: z.array(z.string().max(64)).max(1000).optional(),
  /** `user:usr_...`, or `operator:...` for one made at the command line. */
  madeBy: z.string().max(100),
  makerId: idOf("user").optional(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().optional(),
  /** The network of its last use, without the host. */
  lastUsedNetwork: z.string().max(64).optional(),
  revokedAt: z.iso.datetime().optional(),
  /** The token it was rotated into. */
  replacedBy: idOf("token").optional(),
});

/** The view of a token. */
export function toTokenView(token: ListedToken): z.infer<typeof TokenView> {
  const { tokenId, kind, name, shown, madeBy, makerId, lastUsedAt, lastUsedNetwork, revokedAt, replacedBy } = token;
  return {
    ...{ tokenId, kind, name, shown, madeBy },
    scopes: [...token.scopes],
    ...(token.channelIds && { channelIds: [...token.channelIds] }),
    ...(token.networks && { networks: [...token.networks] }),
    ...(makerId && { makerId }),
    createdAt: token.createdAt.toISOString(),
    expiresAt: token.expiresAt.toISOString(),
    ...(lastUsedAt && { lastUsedAt: lastUsedAt.toISOString() }),
    ...(lastUsedNetwork !== undefined && { lastUsedNetwork }),
    ...(revokedAt && { revokedAt: revokedAt.toISOString() }),
    ...(replacedBy && { replacedBy }),
  };
}
