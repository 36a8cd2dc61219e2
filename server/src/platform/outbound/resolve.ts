// Name resolution at connect time. What was checked is what is connected to: the network stack receives the checked
// addresses and never asks again, so a name that changes its answer between check and use gains nothing.

import type { LookupAddress } from "node:dns";
import { Resolver } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import { callbackify } from "node:util";
import { AppError } from "../../kernel/errors.ts";
import { isPublicAddress } from "./addresses.ts";
import { createRefusal, outboundErrors } from "./errors.ts";

// Enough for both families of a large site; a longer answer would only stretch the connection attempts.
const addressesMax = 16;

/** Resolves with `base` and refuses the whole answer with `outbound.not_allowed` if one address in it is not public. */
export function createGuardedLookup(base: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    base(hostname, { all: true }, (error, answer) => {
      if (error) return callback(error, "", 0);
      const addresses = toAddresses(answer);
      const [first] = addresses;
      // SECURITY: one address that is not public spoils the answer: mixed answers are the tool of rebinding.
      if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address))) {
        return callback(createRefusal("the host resolves to an address that is not public"), "", 0);
      }
      if (options.all === true) return callback(null, addresses.slice(0, addressesMax));
      return callback(null, first.address, first.family);
    });
  };
}

/**
 * A lookup that asks DNS alone, IPv4 first; `servers` are the system's unless given. The system's own lookup would hold
 * one of the process's four worker threads for as long as somebody's name server stays silent, stop file access and
 * hashing with it, and would try the search list and the hosts file, which no public name needs.
 */
export function createPublicLookup(servers?: readonly string[]): LookupFunction {
  const resolve = callbackify((hostname: string) => resolvePublicName(hostname, servers));
  return (hostname, _options, callback) => {
    resolve(hostname, (error, addresses) => {
      if (error) callback(error, "", 0);
      else callback(null, toAddresses(addresses));
    });
  };
}

async function resolvePublicName(hostname: string, servers: readonly string[] | undefined): Promise<string[]> {
  // One resolver for each name, because it reads the system's configuration when it is made.
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  if (servers !== undefined) resolver.setServers(servers);
  const [four, six] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  const found = [four, six].flatMap((result) => (result.status === "fulfilled" ? result.value : []));
  if (found.length > 0) return found;
  const reason: unknown = four.status === "rejected" ? four.reason : undefined;
  throw new AppError(outboundErrors.failed, { note: `no address for ${hostname}`, cause: reason });
}

function toAddresses(answer: string | readonly (string | LookupAddress)[]): LookupAddress[] {
  const entries = typeof answer === "string" ? [answer] : answer;
  // Copied, so that the resolver keeps no hold on what was checked.
  return entries.map((entry) => {
    const address = String(typeof entry === "string" ? entry : entry.address);
    return { address, family: isIP(address) };
  });
}
