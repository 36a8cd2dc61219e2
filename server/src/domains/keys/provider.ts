// The interface of a key provider: whoever holds the key-encryption key. It sees keys only, never data.

import type { Place } from "../../platform/crypto/envelope.ts";

export interface KeyProvider {
  /** The id of the key that `wrap` uses, for instance `local:3f2a...`. */
  readonly currentKey: string;
  /** Answers whether the provider holds this key-encryption key. */
  hasKey(providerKey: string): boolean;
  /** Encrypts a key for one place. */
  wrap(key: Buffer, place: Place): Promise<Buffer>;
  /** Throws `keys.missing` for an unknown key, `crypto.unreadable` for an altered or moved one. */
  unwrap(providerKey: string, wrapped: Buffer, place: Place): Promise<Buffer>;
}
