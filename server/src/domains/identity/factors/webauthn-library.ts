// The passkey library, loaded with the first passkey: it takes 25 MiB and 0.2 s, which a server whose people are not
// signing in right now does without.

/** The library. Loading it anew costs nothing. */
export function loadWebAuthn(): Promise<typeof import("@simplewebauthn/server")> {
  return import("@simplewebauthn/server");
}

/** Its decoders. */
export function loadWebAuthnHelpers(): Promise<typeof import("@simplewebauthn/server/helpers")> {
  return import("@simplewebauthn/server/helpers");
}
