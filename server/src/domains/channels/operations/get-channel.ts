// Finds the channel an operation names.

import { AppError } from "../../../kernel/errors.ts";
import type { ChannelId } from "../../../kernel/ids.ts";
import type { TenantTx } from "../../../platform/db/index.ts";
import { channelErrors } from "../errors.ts";
import { findChannel, type StoredChannel } from "../store.ts";
import type { WebSettings } from "../web/settings.ts";

/** The channel. Throws `channels.not_found`. */
export async function getChannel(tx: TenantTx, channelId: ChannelId): Promise<StoredChannel> {
  const channel = await findChannel(tx, channelId);
  if (channel === undefined) throw new AppError(channelErrors.notFound);
  return channel;
}

/** The web channel. Throws `channels.not_found`, and `channels.not_web` for a channel of another kind. */
export async function getWebChannel(
  tx: TenantTx,
  channelId: ChannelId,
): Promise<StoredChannel & { readonly web: WebSettings }> {
  const channel = await getChannel(tx, channelId);
  const { web } = channel;
  if (web === undefined) throw new AppError(channelErrors.notWeb);
  return { ...channel, web };
}
