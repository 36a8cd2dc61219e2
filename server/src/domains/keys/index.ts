export { createAppKeys } from "./create-keys.ts";
export { keyErrors } from "./errors.ts";
export { InstallationKeys } from "./installation.ts";
export { type Because, Keychain } from "./keychain.ts";
export { type KeyRing, openKeyRing, toKeyRing } from "./local-ring.ts";
export type { KeyProvider } from "./provider.ts";
export type { Field, Sealer } from "./sealer.ts";
export { listProviderKeysSql } from "./store.ts";
