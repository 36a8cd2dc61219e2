// Opens the sockets. Two ways lead out: the guarded one, TLS to public addresses only, and the trusted one for exactly
// the hosts and ports the operator listed. Certificates are verified on both and nothing can switch that off.

import { lookup as systemLookup } from "node:dns";
import { isIP, type LookupFunction, type Socket } from "node:net";
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import { buildConnector } from "undici";
import { AppError } from "../../kernel/errors.ts";
import { isPublicAddress } from "./addresses.ts";
import type { AllowList } from "./allow-list.ts";
import { toBareHost } from "./destination.ts";
import { createRefusal, outboundErrors } from "./errors.ts";
import { createGuardedLookup, createPublicLookup } from "./resolve.ts";

export interface ConnectorOptions {
  readonly allow: AllowList;
  readonly lookup: LookupFunction | undefined;
  readonly trustedCertificates: readonly string[];
}

const connectTimeoutMs = 10_000;

/** A connector for undici. Refusals reach the callback as `outbound.not_allowed` before a packet is sent. */
export function createConnector(options: ConnectorOptions): buildConnector.connector {
  const secureContext = createContext(options.trustedCertificates);
  const guarded = createBase(secureContext, createGuardedLookup(options.lookup ?? createPublicLookup()));
  const trusted = createBase(secureContext, options.lookup ?? systemLookup);
  return (target, callback) => {
    const host = toBareHost(target.hostname);
    const port = toPort(target);
    const urlHost = host.includes(":") ? `[${host}]` : host;
    if (options.allow.has(urlHost, port)) return trusted(target, callback);
    const refuse = (note: string) => queueMicrotask(() => callback(createRefusal(note), null));
    if (target.protocol !== "https:") return refuse("the scheme is not https");
    // SECURITY: no lookup happens for a literal address, so the connector judges it itself.
    if (isIP(host) !== 0 && !isPublicAddress(host)) return refuse("the address is not public");
    return guarded(target, (...result) => callback(...checkPeer(...result)));
  };
}

/** Passes a socket on only if the address it really reached is public; a second check behind the lookup. */
export function checkPeer(...[error, socket]: CallbackArguments): CallbackArguments {
  if (error !== null) return [error, null];
  const reached = socket.remoteAddress;
  if (reached !== undefined && isPublicAddress(reached)) return [null, socket];
  socket.destroy();
  if (reached === undefined) return [new AppError(outboundErrors.failed, { note: "closed on connecting" }), null];
  return [createRefusal("the connection reached an address that is not public"), null];
}

type CallbackArguments = [null, Socket] | [Error, null];

function createBase(secureContext: SecureContext, lookup: LookupFunction): buildConnector.connector {
  return buildConnector({
    secureContext,
    lookup,
    // SECURITY: stated, because the default follows an environment variable.
    rejectUnauthorized: true,
    // Attempts run over the checked answer of `lookup`, so racing the families asks no resolver again.
    autoSelectFamily: true,
    allowH2: false,
    timeout: connectTimeoutMs,
  });
}

function createContext(trustedCertificates: readonly string[]): SecureContext {
  for (const certificate of trustedCertificates) {
    if (!certificate.includes("-----BEGIN CERTIFICATE-----")) throw new AppError(outboundErrors.certificateInvalid);
  }
  // One context for all connections: reading about 150 roots costs milliseconds.
  const ca = trustedCertificates.length > 0 ? [...getCACertificates("default"), ...trustedCertificates] : undefined;
  return createSecureContext({ minVersion: "TLSv1.2", ca });
}

function toPort(target: buildConnector.Options): number {
  if (target.port !== "") return Number(target.port);
  return target.protocol === "https:" ? 443 : 80;
}
