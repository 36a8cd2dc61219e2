// Encrypts and decrypts the fields of one app. A sealer lives for minutes at most, holds unwrapped keys, and refuses to
// work once it was closed or the uses it reserved are spent.

import { AppError } from "../../kernel/errors.ts";
import { envelopeErrors, openEnvelope, type Place, readKeyId, sealEnvelope } from "../../platform/crypto/envelope.ts";
import { type CryptoKey, hmacSha256 } from "../../platform/crypto/hmac.ts";
import { keyErrors } from "./errors.ts";

/** Where inside the app a value is stored. `row` is the row's id as hex. */
export interface Field {
  readonly table: string;
  readonly column: string;
  readonly row: string;
}

/** What the rest of the product sees of keys. */
export interface Sealer {
  /** Encrypts message content, state, profiles, traces. */
  seal(field: Field, plaintext: string | Buffer): Buffer;
  /** Encrypts a credential, under a key of its own. */
  sealCredential(field: Field, plaintext: string): Buffer;
  /** Decrypts either. Throws `crypto.unreadable` for a value altered or moved from another row, column or tenant. */
  open(field: Field, envelope: Buffer): Buffer;
  /** A keyed hash for equality look-ups: the same for equal values of one column of one app, unrelated elsewhere. */
  blindIndex(table: string, column: string, value: string): Buffer;
}

export interface SealingKey {
  readonly key: CryptoKey;
  readonly keyId: Buffer;
  remainingUses: number;
  remainingBytes: number;
}

export interface SealerKeys {
  /** Every key of the app by the hex of its id. */
  readonly all: Map<string, CryptoKey>;
  readonly content: SealingKey;
  readonly credentials: SealingKey;
  readonly index: CryptoKey;
}

const blindIndexBytes = 16;

/** Whose values a sealer works on: an app's, by bare ids; both empty for the installation's own. */
export interface SealerPlace {
  readonly organisation: string;
  readonly app: string;
}

export class AppSealer implements Sealer {
  readonly keys: SealerKeys;
  readonly #organisation: string;
  readonly #app: string;
  #isClosed = false;

  constructor(place: SealerPlace, keys: SealerKeys) {
    this.#organisation = place.organisation;
    this.#app = place.app;
    this.keys = keys;
  }

  seal(field: Field, plaintext: string | Buffer): Buffer {
    return this.#sealUnder(this.keys.content, field, plaintext);
  }

  sealCredential(field: Field, plaintext: string): Buffer {
    return this.#sealUnder(this.keys.credentials, field, plaintext);
  }

  open(field: Field, envelope: Buffer): Buffer {
    this.#assertOpen();
    // SECURITY: the key is the one the envelope names, among this app's own; another app's key id finds nothing.
    const key = this.keys.all.get(readKeyId(envelope).toString("hex"));
    if (key === undefined) throw new AppError(envelopeErrors.unreadable, { note: `${field.table}: unknown key` });
    return openEnvelope(key, this.#toPlace(field), envelope);
  }

  blindIndex(table: string, column: string, value: string): Buffer {
    this.#assertOpen();
    return hmacSha256(this.keys.index, `${table}.${column}\0${value}`).subarray(0, blindIndexBytes);
  }

  /** Lets go of the keys; the runtime wipes them. Every later use throws `keys.unavailable`. */
  close(): void {
    this.#isClosed = true;
    this.keys.all.clear();
  }

  #sealUnder(sealing: SealingKey, field: Field, plaintext: string | Buffer): Buffer {
    this.#assertOpen();
    sealing.remainingUses -= 1;
    sealing.remainingBytes -= plaintext.length;
    if (sealing.remainingUses < 0 || sealing.remainingBytes < 0) throw new AppError(keyErrors.exhausted);
    return sealEnvelope(sealing.key, sealing.keyId, this.#toPlace(field), plaintext);
  }

  #toPlace(field: Field): Place {
    const { table, column, row } = field;
    return { organisation: this.#organisation, app: this.#app, table, column, row };
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new AppError(keyErrors.unavailable, { note: "sealer used after it was closed" });
  }
}
