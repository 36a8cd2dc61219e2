// The networks a token may be used from: CIDR ranges of IPv4 and IPv6. Pure.

import ipaddr from "ipaddr.js";

/** A range as it is stored: one spelling, host bits cleared. Undefined for anything that is not an address or a range. */
export function parseNetwork(text: string): string | undefined {
  const spelled = text.includes("/") ? text : `${text}/${text.includes(":") ? 128 : 32}`;
  if (spelled.length > 50 || !ipaddr.isValidCIDR(spelled)) return undefined;
  const [address, bits] = ipaddr.parseCIDR(spelled);
  const first =
    address.kind() === "ipv4"
      ? ipaddr.IPv4.networkAddressFromCIDR(spelled)
      : ipaddr.IPv6.networkAddressFromCIDR(spelled);
  return `${first.toString()}/${bits}`;
}

/**
 * Answers whether an address lies in one of the ranges; no list allows every address.
 * SECURITY: an address that cannot be read lies in none.
 */
export function isFromNetwork(address: string, networks: readonly string[] | undefined): boolean {
  if (networks === undefined) return true;
  const bare = address.replace(/%.*$/, "");
  if (!ipaddr.isValid(bare)) return false;
  const caller = ipaddr.process(bare);
  return networks.some((network) => {
    const [first, bits] = ipaddr.parseCIDR(network);
    return first.kind() === caller.kind() && caller.match(first, bits);
  });
}
