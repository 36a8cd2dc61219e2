// The visitor token: which visitor, which generation, since when, and a MAC over these, the channel and the site. Nothing
// has to be stored to check one, so that opening a chat stores nothing, and a made-up token costs no query.

import { type ChannelId, fromUuid, toUuid, type VisitorId } from "../../../kernel/ids.ts";
import type { Secret } from "../../../kernel/secret.ts";
import { hmacSha256, isEqualInConstantTime } from "../../../platform/crypto/hmac.ts";

const prefix = "plv_";
const idBytes = 16;
const headBytes = idBytes + 4 + 4;
const macBytes = 32;
const lengthMax = 128;

/** A token says who speaks for this long. */
export const tokenSeconds = 900;

export interface VisitorToken {
  readonly visitorId: VisitorId;
  /** How often the token was exchanged. */
  readonly generation: number;
  /** Seconds since 1970. */
  readonly issuedAt: number;
}

/** Where a token holds and nowhere else. */
export interface TokenPlace {
  readonly channelId: ChannelId;
  readonly site: string;
}

/** SECURITY: the parts before the site have fixed lengths, so no two places share a spelling. */
function toMac(pepper: Secret<Buffer>, head: Buffer, { channelId, site }: TokenPlace): Buffer {
  const place = Buffer.from(`visitor token\0${channelId}\0${site}`, "utf8");
  return hmacSha256(pepper.reveal(), Buffer.concat([head, place]));
}

/** The token's text. */
export function writeToken(pepper: Secret<Buffer>, token: VisitorToken, place: TokenPlace): string {
  const head = Buffer.alloc(headBytes);
  head.write(toUuid(token.visitorId), 0, "hex");
  head.writeUInt32BE(token.generation, idBytes);
  head.writeUInt32BE(token.issuedAt, idBytes + 4);
  return `${prefix}${Buffer.concat([head, toMac(pepper, head, place)]).toString("base64url")}`;
}

/** Reads a token; undefined for anything that was not issued for exactly this channel and site. */
export function readToken(pepper: Secret<Buffer>, text: string, place: TokenPlace): VisitorToken | undefined {
  if (text.length > lengthMax || !text.startsWith(prefix)) return undefined;
  const bytes = Buffer.from(text.slice(prefix.length), "base64url");
  if (bytes.length !== headBytes + macBytes || `${prefix}${bytes.toString("base64url")}` !== text) return undefined;
  const head = bytes.subarray(0, headBytes);
  if (!isEqualInConstantTime(bytes.subarray(headBytes), toMac(pepper, head, place))) return undefined;
  const visitorId = fromUuid("visitor", head.toString("hex", 0, idBytes));
  return { visitorId, generation: head.readUInt32BE(idBytes), issuedAt: head.readUInt32BE(idBytes + 4) };
}
