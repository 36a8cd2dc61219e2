// TLS in process: versions 1.2 and 1.3 only, authenticated ciphers with forward secrecy only (RFC 9325 4.2). The key
// exchange groups are OpenSSL's defaults, which lead with the post-quantum hybrid X25519MLKEM768 where it is known.

import type { ServerOptions } from "node:https";
import { createSecureContext } from "node:tls";
import { AppError } from "../../kernel/errors.ts";
import { httpErrors } from "./errors.ts";

/** A certificate chain and its private key, PEM. */
export interface TlsMaterial {
  readonly certificate: string | Buffer;
  readonly key: string | Buffer;
}

const ciphers = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/** The TLS part of a server's options. Throws `http.unsafe_setting` when certificate and key do not fit together. */
export function toTlsOptions(material: TlsMaterial): ServerOptions {
  const options: ServerOptions = {
    cert: material.certificate,
    key: material.key,
    minVersion: "TLSv1.2",
    maxVersion: "TLSv1.3",
    ciphers,
    honorCipherOrder: true,
    handshakeTimeout: 10_000,
  };
  try {
    createSecureContext(options);
  } catch (cause) {
    const detail = "The TLS certificate and key cannot be used together. Check both files.";
    throw new AppError(httpErrors.unsafeSetting, { detail, cause });
  }
  return options;
}
