// Words for the network a session was started from, and the key that sign-in attempts are counted under. A whole address is
// more than either needs: the 256 addresses of an IPv4 /24, and the /48 that an IPv6 customer gets (RFC 6177), are one
// network. Otherwise one customer had 2^80 addresses to guess from.

import ipaddr from "ipaddr.js";

const prefixLengths = { ipv4: 24, ipv6: 48 };
const unknownNetwork = "an unknown network";
const privateRanges = new Set(["private", "uniqueLocal", "linkLocal", "carrierGradeNat"]);

/** "192.0.2.0/24", "2001:db8:1::/48", "this machine", "a private network" or "an unknown network". Never throws. */
export function describeNetwork(address: string | undefined): string {
  const parsed = findAddress(address);
  if (parsed === undefined) return unknownNetwork;
  const range: string = parsed.range();
  if (range === "loopback") return "this machine";
  if (privateRanges.has(range)) return "a private network";
  return range === "unspecified" ? unknownNetwork : toPrefix(parsed);
}

/** The network of an address in one spelling: the same for every address in it. Malformed addresses share one. */
export function toNetwork(address: string | undefined): string {
  const parsed = findAddress(address);
  return parsed === undefined ? unknownNetwork : toPrefix(parsed);
}

/** Reads the four-part and the IPv6 spellings; an IPv4 address inside an IPv6 one counts as what it is. */
function findAddress(address: string | undefined): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (address === undefined || address.length > 64) return undefined;
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return ipaddr.IPv4.parse(address);
  return ipaddr.IPv6.isValid(address) ? ipaddr.process(address) : undefined;
}

function toPrefix(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  const length = prefixLengths[address.kind()];
  const bytes = address.toByteArray().map((byte, index) => (index * 8 < length ? byte : 0));
  return `${ipaddr.fromByteArray(bytes).toString()}/${length}`;
}
