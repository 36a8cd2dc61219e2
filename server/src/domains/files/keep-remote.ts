// Copies of what messages show from elsewhere. A visitor's browser never goes there itself: the address is fetched once, by
// the guarded client, judged like an upload, and kept under a key of the message.

import { AppError } from "../../kernel/errors.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { OutboundResponse } from "../../platform/outbound/index.ts";
import type { FileDeps, FilePlace } from "./deps.ts";
import { fileErrors } from "./errors.ts";
import { findFile } from "./find-file.ts";
import { type InspectedFile, inspectFile } from "./inspect-file.ts";
import { assertRoom, remoteDays, storeFile } from "./keep-file.ts";
import { deleteRefusal, findRemote, insertRefusal, touchRemote } from "./remote-store.ts";
import { scanFile } from "./scan-file.ts";
import { sealerOf, sealFile } from "./seal-file.ts";
import { type FileOwner, type FileView, fileLimits } from "./types.ts";

const timeoutMs = 10_000;

export interface RemoteInput {
  /** A public https address. */
  readonly url: string;
  /** What the copy is for, such as a message and a number in it: the same key, the same copy. */
  readonly key: string;
  readonly owner?: FileOwner | undefined;
}

/** The last part of the path without its ending, when it may be a name. */
function findStem(url: string): string | undefined {
  try {
    const last = decodeURIComponent(new URL(url).pathname.split("/").at(-1) ?? "");
    const stem = last.replace(/\.[^.]*$/, "");
    return /^[\p{L}\p{N}][\p{L}\p{N} _-]{0,99}$/u.test(stem) && !stem.endsWith(" ") ? stem : undefined;
  } catch {
    return undefined;
  }
}

function request(deps: FileDeps, { tenant }: FilePlace, url: string): Promise<OutboundResponse> {
  const { remoteBytesMax: responseBytesMax } = fileLimits;
  const headers = { accept: "image/*, audio/*, video/*, application/pdf" };
  const fetched = deps.fetches(tenant.appId, () =>
    deps.outbound.request({ method: "GET", url, headers, timeoutMs, responseBytesMax }),
  );
  return fetched ?? Promise.reject(new AppError(fileErrors.remoteFailed, { note: "too many are fetched" }));
}

async function inspectRemote(url: string, bytes: Buffer): Promise<InspectedFile> {
  const inspected = await inspectFile(bytes, undefined, { bytesMax: fileLimits.remoteBytesMax, isShown: true });
  const stem = findStem(url);
  return stem === undefined ? inspected : { ...inspected, name: inspected.name.replace(/^[^.]+/, stem) };
}

async function fetchRemote(
  deps: FileDeps,
  place: FilePlace,
  input: RemoteInput & { remoteKey: Buffer },
): Promise<FileView | undefined> {
  const { url, remoteKey, owner = {} } = input;
  const { status, headers, body } = await request(deps, place, url);
  // SECURITY: a redirect is not followed, so what was allowed is what was asked.
  if (status !== 200) throw new AppError(fileErrors.remoteFailed, { note: `status ${status}` });
  if ((headers["content-encoding"] ?? "identity") !== "identity") throw new AppError(fileErrors.damaged);
  const inspected = await inspectRemote(url, body);
  const { actor, tenant } = place;
  // The visitor who happens to look first is not the one it counts for.
  const held = { ...owner, visitorId: undefined };
  await deps.database.withTenant(actor, tenant, (tx) => assertRoom(deps, tx, { bytes: body.length, owner: held }));
  await scanFile(deps, body);
  const fileId = newId("file");
  const sealed = await sealFile(deps, place, { fileId, inspected, bytes: body });
  return deps.database.withTenant(actor, tenant, async (tx) => {
    await deleteRefusal(tx, remoteKey);
    return storeFile(deps, tx, { fileId, inspected, sealed, purpose: "remote", owner: held, remoteKey });
  });
}

/** The copy that is there. Throws what was remembered of a failure less than a minute ago. */
function findCopy(deps: FileDeps, { actor, tenant }: FilePlace, remoteKey: Buffer): Promise<FileView | undefined> {
  return deps.database.withTenant(actor, tenant, async (tx) => {
    const found = await findRemote(tx, remoteKey);
    if (found === undefined) return undefined;
    const { refusedBecause, fileId } = found;
    if (refusedBecause !== undefined) {
      if (found.isRecent) throw new AppError(fileErrors.remoteFailed, { note: refusedBecause });
      return undefined;
    }
    if (found.isAgeing) await touchRemote(tx, fileId, remoteDays);
    return (await findFile(deps, tx, fileId))?.view;
  });
}

async function keepOnce(deps: FileDeps, place: FilePlace, input: RemoteInput): Promise<FileView> {
  const sealer = await sealerOf(deps, place);
  const remoteKey = sealer.blindIndex("files", "remote_key", input.key);
  const copy = await findCopy(deps, place, remoteKey);
  if (copy !== undefined) return copy;
  try {
    // Another process may have been quicker; then its copy is the one.
    const kept = (await fetchRemote(deps, place, { ...input, remoteKey })) ?? (await findCopy(deps, place, remoteKey));
    if (kept === undefined) throw new AppError(fileErrors.remoteFailed, { note: "the copy is gone again" });
    return kept;
  } catch (cause) {
    const code = cause instanceof AppError ? cause.code : "unknown";
    const refusal = { fileId: newId("file"), remoteKey, code };
    await deps.database.withTenant(place.actor, place.tenant, (tx) => insertRefusal(tx, refusal));
    // SECURITY: one answer whatever went wrong, so that nobody learns from it what an address leads to.
    throw new AppError(fileErrors.remoteFailed, { note: code, cause });
  }
}

/**
 * The copy of what is at an address, fetched when there is none yet; in this process once, however many ask at a time. Only
 * images, audio, video and PDF, at most 10 MiB, without redirects. Throws `files.remote_failed` for everything that goes
 * wrong, and for a minute without trying again. Opens its own transactions: call it with none open.
 */
export function keepRemote(deps: FileDeps, place: FilePlace, input: RemoteInput): Promise<FileView> {
  const name = `${place.tenant.appId} ${input.key}`;
  const under = deps.fetching.get(name);
  if (under !== undefined) return under;
  const keeping = keepOnce(deps, place, input).finally(() => deps.fetching.delete(name));
  deps.fetching.set(name, keeping);
  return keeping;
}
