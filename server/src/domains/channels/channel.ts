// A channel ready for use: its adapter, settings and decrypted secrets.

import { AppError, type FieldMistake } from "../../kernel/errors.ts";
import { type ChannelId, type Tenant, toUuid } from "../../kernel/ids.ts";
import type { Sealer } from "../keys/index.ts";
import type { ChannelAdapter, ChannelCredentials, ChannelSettings, FieldSpec } from "./adapter.ts";
import { findAdapter } from "./adapters/index.ts";
import { channelErrors } from "./errors.ts";
import type { StoredChannel } from "./store.ts";
import type { WebSettings } from "./web/settings.ts";

export interface Channel {
  readonly tenant: Tenant;
  readonly channelId: ChannelId;
  readonly kind: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly settings: ChannelSettings;
  readonly credentials: ChannelCredentials;
  /** What webhooks of this channel are signed with, as its owner was shown it. */
  readonly channelSecret: string;
  readonly adapter: ChannelAdapter;
  readonly trees: Pick<StoredChannel, "defaultTreeIds" | "liveTreeId" | "offTreeId">;
  /** Of web channels, and of every one of them. */
  readonly web?: WebSettings;
  /** SECURITY: a visitor's token issued before is refused, whatever it says. */
  readonly visitorsSinceMs?: number;
}

function toField(column: string, channelId: ChannelId): { table: string; column: string; row: string } {
  return { table: "channels", column, row: toUuid(channelId) };
}

/** The decrypted credentials of a stored channel. Throws `crypto.unreadable` when they were altered or moved. */
export function openCredentials(stored: StoredChannel, sealer: Sealer): ChannelCredentials {
  const field = toField("credentials", stored.channelId);
  return JSON.parse(sealer.open(field, stored.credentials).toString("utf8"));
}

/** Encrypts a channel's credentials. */
export function sealCredentials(channelId: ChannelId, credentials: ChannelCredentials, sealer: Sealer): Buffer {
  return sealer.sealCredential(toField("credentials", channelId), JSON.stringify(credentials));
}

/** Decrypts a stored channel. Throws `crypto.unreadable` when its secrets were altered or moved. */
export function openChannel(tenant: Tenant, stored: StoredChannel, sealer: Sealer): Channel {
  const { channelId, kind, name, enabled, settings, defaultTreeIds, liveTreeId, offTreeId } = stored;
  const { web, visitorsSince } = stored;
  const credentials = openCredentials(stored, sealer);
  const channelSecret = sealer.open(toField("channel_secret", channelId), stored.channelSecret).toString("utf8");
  return {
    tenant,
    channelId,
    kind,
    name,
    enabled,
    settings,
    credentials: { ...credentials, channelSecret },
    channelSecret,
    adapter: getAdapter(kind),
    trees: { defaultTreeIds, liveTreeId, offTreeId },
    ...(web === undefined ? {} : { web }),
    ...(visitorsSince === undefined ? {} : { visitorsSinceMs: visitorsSince.getTime() }),
  };
}

/** Encrypts what of a channel is secret. */
export function sealChannelSecrets(
  channelId: ChannelId,
  secrets: { credentials: ChannelCredentials; channelSecret: string },
  sealer: Sealer,
): { credentials: Buffer; channelSecret: Buffer } {
  return {
    credentials: sealCredentials(channelId, secrets.credentials, sealer),
    channelSecret: sealer.sealCredential(toField("channel_secret", channelId), secrets.channelSecret),
  };
}

/** The adapter of a kind of channel. Throws `channels.incomplete` for a kind there is not. */
export function getAdapter(kind: string): ChannelAdapter {
  const adapter = findAdapter(kind);
  if (adapter === undefined) {
    throw new AppError(channelErrors.incomplete, { mistakes: [{ path: "kind", message: "is not a kind of channel" }] });
  }
  return adapter;
}

function findMistakes(specs: readonly FieldSpec[], values: Record<string, string>, group: string): FieldMistake[] {
  const mistakes: FieldMistake[] = [];
  for (const spec of specs) {
    const value = values[spec.name] ?? "";
    const path = `${group}.${spec.name}`;
    if (spec.required && value === "") mistakes.push({ path, message: `is required: ${spec.sentence}` });
    if (value.length > spec.lengthMax) mistakes.push({ path, message: `is longer than ${spec.lengthMax}` });
  }
  for (const name of Object.keys(values)) {
    if (!specs.some((spec) => spec.name === name)) mistakes.push({ path: `${group}.${name}`, message: "is not known" });
  }
  return mistakes;
}

/**
 * Throws `channels.incomplete`, naming every field, unless all settings and secrets the platform needs are there.
 * SECURITY: a channel without its secret is never switched on, so nothing unsigned is ever believed.
 */
export function assertComplete(
  adapter: ChannelAdapter,
  given: { settings: ChannelSettings; credentials: ChannelCredentials },
): void {
  const specs = adapter.credentials.filter((spec) => spec.name !== "channelSecret");
  const mistakes = [
    ...findMistakes(adapter.settings, given.settings, "settings"),
    ...findMistakes(specs, given.credentials, "credentials"),
  ];
  if (mistakes.length > 0) throw new AppError(channelErrors.incomplete, { mistakes });
}
