// Tells public internet addresses from all others. Forms that carry an IPv4 address inside are unwrapped first, because
// a host delivers `::ffff:127.0.0.1` to 127.0.0.1. Whatever is not known to be public is refused.

import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

const globalUnicast = ipaddr.IPv6.parseCIDR("2000::/3");
const nat64 = ipaddr.IPv6.parseCIDR("64:ff9b::/96");

/**
 * Answers whether `text` is the address of a host on the public internet. Host names, zone identifiers and every range
 * of the IANA special-purpose registries (RFC 6890) answer no. The tunnels 6to4 (2002::/16) and Teredo (2001::/32) and
 * local-use NAT64 (64:ff9b:1::/48, RFC 8215) answer no whatever they carry.
 */
export function isPublicAddress(text: string): boolean {
  const version = isIP(text);
  if (version === 4) return isPublicIPv4(ipaddr.IPv4.parse(text));
  // `::1.2.3.4` (IPv4-compatible, given up by RFC 4291 2.5.5.1) would be read as a mapped address by the parser.
  if (version !== 6 || text.includes("%") || /^::\d+\./.test(text)) return false;
  const address = ipaddr.IPv6.parse(text);
  // SECURITY: mapped and translated forms are judged by the IPv4 address a packet would reach.
  if (address.isIPv4MappedAddress()) return isPublicIPv4(address.toIPv4Address());
  if (address.match(nat64)) return isPublicIPv4(new ipaddr.IPv4(address.toByteArray().slice(12)));
  // Only 2000::/3 is handed out for global unicast; the registry lists what inside it is special.
  return address.match(globalUnicast) && address.range() === "unicast";
}

function isPublicIPv4(address: ipaddr.IPv4): boolean {
  return address.range() === "unicast";
}
