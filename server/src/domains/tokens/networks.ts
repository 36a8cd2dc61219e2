// The networks a token may be used from: CIDR ranges of IPv4 and IPv6. Pure.

import ipaddr from "ipaddr.js";

/** An IPv4 range that is written as IPv6 (`::ffff:10.0.0.0/104`), unwrapped; anything else as it is. */
function unwrap(spelled: string): string {
  const [address, bits] = ipaddr.parseCIDR(spelled);
  const isMapped = address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= 96;
  return isMapped ? `${address.toIPv4Address().toString()}/${bits - 96}` : spelled;
}

/**
 * A range as it is stored: one spelling, host bits cleared, IPv4 always as IPv4. Undefined for anything that is not an
 * address or a range.
 */
export function parseNetwork(text: string): string | undefined {
  const spelled = text.includes("/") ? text : `${text}/${text.includes(":") ? 128 : 32}`;
  if (spelled.length > 50 || spelled.includes("%") || !ipaddr.isValidCIDR(spelled)) return undefined;
  const plain = unwrap(spelled);
  const [address, bits] = ipaddr.parseCIDR(plain);
  const first =
    address.kind() === "ipv4" ? ipaddr.IPv4.networkAddressFromCIDR(plain) : ipaddr.IPv6.networkAddressFromCIDR(plain);
  return `${first.toString()}/${bits}`;
}

/** The address of a caller, an IPv4 one always as IPv4; undefined when it cannot be read. */
function readAddress(address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const bare = address.replace(/%.*$/, "");
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : undefined;
}

/**
 * Answers whether an address lies in one of the ranges; no list allows every address.
 * SECURITY: an address that cannot be read lies in none.
 */
export function isFromNetwork(address: string, networks: readonly string[] | undefined): boolean {
  if (networks === undefined) return true;
  const caller = readAddress(address);
  if (caller === undefined) return false;
  return networks.some((network) => {
    const [first, bits] = ipaddr.parseCIDR(network);
    return first.kind() === caller.kind() && caller.match(first, bits);
  });
}

/** The network of an address as it is kept for display: an IPv4 /24 or an IPv6 /48. */
export function toShownNetwork(address: string): string {
  const caller = readAddress(address);
  if (caller === undefined) return "unknown";
  return parseNetwork(`${caller.toString()}/${caller.kind() === "ipv4" ? 24 : 48}`) ?? "unknown";
}
