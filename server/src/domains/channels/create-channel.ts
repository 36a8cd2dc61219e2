// Connects a messaging account to an app.

import type { ChannelId } from "../../kernel/ids.ts";
import { drawBytes, newId } from "../../platform/crypto/random.ts";
import type { TenantTx } from "../../platform/db/index.ts";
import type { Sealer } from "../keys/index.ts";
import { bumpRevision } from "../organisations/index.ts";
import type { ChannelCredentials, ChannelSettings } from "./adapter.ts";
import { assertComplete, getAdapter, sealChannelSecrets } from "./channel.ts";
import { insertChannel } from "./store.ts";
import { freshWebSettings, type WebSettings } from "./web/settings.ts";

export interface CreateChannelInput {
  readonly kind: string;
  readonly name: string;
  readonly settings: ChannelSettings;
  readonly credentials: ChannelCredentials;
  /** Of a web channel; without, nobody may show it yet. */
  readonly web?: WebSettings;
}

export interface CreatedChannel {
  readonly channelId: ChannelId;
  /** Shown once. */
  readonly channelSecret: string;
}

/** A webhook secret: 32 random bytes in the spelling of Standard Webhooks (`whsec_` and base64). */
export function drawWebhookSecret(): string {
  return `whsec_${drawBytes(32).toString("base64")}`;
}

/** Makes a channel, switched on, with a channel secret of its own. Throws `channels.incomplete` naming what lacks. */
export async function createChannel(tx: TenantTx, input: CreateChannelInput, sealer: Sealer): Promise<CreatedChannel> {
  const { kind, name, settings, credentials } = input;
  assertComplete(getAdapter(kind), { settings, credentials });
  const channelId = newId("channel");
  const channelSecret = drawWebhookSecret();
  const sealed = sealChannelSecrets(channelId, { credentials, channelSecret }, sealer);
  const web = kind === "web" ? (input.web ?? freshWebSettings) : undefined;
  await insertChannel(tx, { channelId, kind, name, enabled: true, settings, ...sealed, web });
  await bumpRevision(tx);
  return { channelId, channelSecret };
}
