// The picture a channel shows beside its messages: a file of the app's own. It is decrypted once a minute at most, whoever
// asks how often, because anybody may ask.

import type { Channel } from "../domains/channels/index.ts";
import { type FileDeps, findFile, readChunks } from "../domains/files/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { FileId } from "../kernel/ids.ts";
import type { Avatar } from "./surface.ts";

const bytesMax = 256 * 1024;
const freshMs = 60_000;
const entriesMax = 100;

type Reading = Pick<FileDeps, "database" | "keychain">;

async function read(deps: Reading, { tenant, channelId }: Channel, fileId: FileId): Promise<Avatar | undefined> {
  const actor = { kind: "channel", channelId } as const;
  const file = await deps.database.withTenant(actor, tenant, (tx) => findFile(deps, tx, fileId));
  // SECURITY: what visitors sent and what was fetched for them is nobody's picture, whatever the settings name.
  if (file?.purpose !== "app" || file.view.bytes > bytesMax) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of readChunks(deps, { actor, tenant }, file)) chunks.push(chunk);
  return { contentType: file.view.type, body: Buffer.concat(chunks) };
}

/** Finds pictures of up to 256 KiB among the app's own files; undefined for any other file. */
export function createFindAvatar(
  deps: Reading & { readonly clock: Clock },
): (channel: Channel, fileId: FileId) => Promise<Avatar | undefined> {
  const entries = new Map<string, { found: Promise<Avatar | undefined>; untilMs: number }>();
  return (channel, fileId) => {
    const nowMs = deps.clock.nowMs();
    const name = `${channel.channelId} ${fileId}`;
    const entry = entries.get(name);
    if (entry !== undefined && entry.untilMs > nowMs) return entry.found;
    const found = read(deps, channel, fileId);
    entries.delete(name);
    entries.set(name, { found, untilMs: nowMs + freshMs });
    found.catch(() => entries.delete(name));
    const [oldest] = entries.keys();
    if (entries.size > entriesMax && oldest !== undefined) entries.delete(oldest);
    return found;
  };
}
