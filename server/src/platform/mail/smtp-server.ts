// Where mail is handed over, read from one address: `smtps://` speaks TLS from the start, `smtp://` must upgrade before it
// says anything, and only a server on this machine is spoken to in clear text.

import { Secret } from "../../kernel/secret.ts";

export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** `none` only for a loopback address. */
  readonly security: "tls" | "starttls" | "none";
  readonly credentials?: { readonly user: string; readonly password: Secret<string> };
}

const loopback = /^(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1)$/;
const ports: Readonly<Record<string, number>> = { "smtp:": 587, "smtps:": 465 };

function decode(text: string): string | undefined {
  try {
    const decoded = decodeURIComponent(text);
    return /\p{Cc}/u.test(decoded) ? undefined : decoded;
  } catch {
    return undefined;
  }
}

/**
 * Reads `smtp(s)://user:password@host:port`; undefined for anything else, also for parameters, which could weaken TLS.
 * The user and the password are percent-encoded; without a port it is 587, with smtps 465.
 */
export function findSmtpServer(address: string): SmtpServer | undefined {
  const parsed = URL.parse(address);
  const usualPort = ports[parsed?.protocol ?? ""];
  if (parsed === null || usualPort === undefined || parsed.hostname === "" || address.length > 2048) return undefined;
  if (!["", "/"].includes(parsed.pathname) || parsed.search !== "" || parsed.hash !== "") return undefined;
  const [user, password] = [decode(parsed.username), decode(parsed.password)];
  if (user === undefined || password === undefined || (user === "") !== (password === "")) return undefined;
  const written =
    decode(parsed.hostname)
      ?.toLowerCase()
      .replace(/^\[(.*)\]$/, "$1") ?? "";
  if (!/^[a-z0-9.:_-]+$/.test(written)) return undefined;
  // SECURITY: "localhost" is this machine and never what a name server says it is.
  const host = written === "localhost" ? "127.0.0.1" : written;
  const security = parsed.protocol === "smtps:" ? "tls" : loopback.test(host) ? "none" : "starttls";
  const port = parsed.port === "" ? usualPort : Number(parsed.port);
  if (port === 0) return undefined;
  return { host, port, security, ...(user === "" ? {} : { credentials: { user, password: new Secret(password) } }) };
}
