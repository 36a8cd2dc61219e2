// How people reach this server: the beginning of every link in a letter, and the origin passkeys are bound to. From the
// settings, never from a request.

import { type Config, isLoopback } from "./config.ts";

/** The configured public origin; undefined without one. */
export function findPublicOrigin({ PARLEY_PUBLIC_URL: configured }: Config): string | undefined {
  return configured === undefined ? undefined : new URL(configured).origin;
}

/** True when people reach the server by HTTPS, here or at a proxy. */
export function isReachedByHttps(config: Config): boolean {
  return config.PARLEY_TLS_CERT !== undefined || config.PARLEY_TRUSTED_PROXIES.length > 0;
}

/**
 * The configured public address. Without one: where the server listens; a loopback address by the name `localhost`,
 * because a passkey needs a name (WebAuthn 5.1.3: an address is no domain).
 */
export function toPublicUrl(config: Config): string {
  if (config.PARLEY_PUBLIC_URL !== undefined) return config.PARLEY_PUBLIC_URL;
  const scheme = config.PARLEY_TLS_CERT === undefined ? "http" : "https";
  const { PARLEY_HOST: host, PARLEY_PORT: port } = config;
  if (isLoopback(host)) return `${scheme}://localhost:${port}`;
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
