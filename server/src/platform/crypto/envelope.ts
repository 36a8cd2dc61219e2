// AES-256-GCM envelopes: what every encrypted field looks like in the database.
//
//   version (1) | key id (16) | nonce (12) | ciphertext | tag (16)
//
// The nonce is 96 random bits (SP 800-38D 8.2.2); a data key ends long before the 2^32 uses that allows (8.3). The tag
// is always 16 bytes. GCM does not commit to a key, so the key is chosen by the id in the envelope, never by trial.

import { createCipheriv, createDecipheriv } from "node:crypto";
import { AppError, defineErrors } from "../../kernel/errors.ts";
import type { CryptoKey } from "./hmac.ts";
import { drawBytes } from "./random.ts";

export const envelopeErrors = defineErrors({
  unreadable: {
    code: "crypto.unreadable",
    status: 500,
    sentence: "A stored value could not be decrypted. It was altered, moved or belongs to another key.",
  },
});

const version = 1;
const keyIdBytes = 16;
const nonceBytes = 12;
const tagBytes = 16;
const headerBytes = 1 + keyIdBytes + nonceBytes;

/** Bytes an envelope adds to its plaintext. */
export const envelopeOverheadBytes = headerBytes + tagBytes;

/** The place a ciphertext belongs to. A ciphertext that is moved anywhere else does not open. */
export interface Place {
  readonly organisation: string;
  /** Empty for what belongs to the organisation itself. */
  readonly app: string;
  readonly table: string;
  readonly column: string;
  readonly row: string;
}

/**
 * The additional authenticated data of a place: each part behind its length, so that no two places share a spelling.
 * SECURITY: binds the ciphertext to version, key, tenant, table, column and row.
 */
function toAdditionalData(place: Place, keyId: Buffer): Buffer {
  const { organisation, app, table, column, row } = place;
  const text = `${organisation.length}:${organisation}${app.length}:${app}${table.length}:${table}${column.length}:${column}${row.length}:${row}`;
  const data = Buffer.allocUnsafe(1 + keyIdBytes + text.length);
  data[0] = version;
  keyId.copy(data, 1);
  data.write(text, 1 + keyIdBytes, "latin1");
  return data;
}

/** Encrypts `plaintext` for one place under a 32-byte key. */
export function sealEnvelope(key: CryptoKey, keyId: Buffer, place: Place, plaintext: Buffer | string): Buffer {
  const nonce = drawBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(toAdditionalData(place, keyId));
  const body = typeof plaintext === "string" ? cipher.update(plaintext, "utf8") : cipher.update(plaintext);
  cipher.final();
  const envelope = Buffer.allocUnsafe(headerBytes + body.length + tagBytes);
  envelope[0] = version;
  keyId.copy(envelope, 1);
  nonce.copy(envelope, 1 + keyIdBytes);
  body.copy(envelope, headerBytes);
  cipher.getAuthTag().copy(envelope, headerBytes + body.length);
  return envelope;
}

/** The id of the key an envelope was made with. Throws `crypto.unreadable` for anything that is not an envelope. */
export function readKeyId(envelope: Buffer): Buffer {
  if (envelope.length < envelopeOverheadBytes || envelope[0] !== version) {
    throw new AppError(envelopeErrors.unreadable, { note: "not an envelope" });
  }
  return envelope.subarray(1, 1 + keyIdBytes);
}

/** Decrypts an envelope for the place it was made for. Throws `crypto.unreadable` for any other place, key or byte. */
export function openEnvelope(key: CryptoKey, place: Place, envelope: Buffer): Buffer {
  const keyId = readKeyId(envelope);
  const nonce = envelope.subarray(1 + keyIdBytes, headerBytes);
  const tagStart = envelope.length - tagBytes;
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(toAdditionalData(place, keyId));
  decipher.setAuthTag(envelope.subarray(tagStart));
  try {
    const body = decipher.update(envelope.subarray(headerBytes, tagStart));
    decipher.final();
    return body;
  } catch (cause) {
    throw new AppError(envelopeErrors.unreadable, { note: `${place.table}.${place.column}`, cause });
  }
}
