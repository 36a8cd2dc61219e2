// Whose address it is, as far as counting goes: requests are counted by network wherever nobody has said who they are.

/** The network an address is counted under: itself, or its /64 (one IPv6 customer commonly holds a whole one). */
export function toNetwork(address: string): string {
  const plain = address.replace(/^::ffff:(?=[0-9.]+$)/i, "").replace(/%.*$/, "");
  if (!plain.includes(":")) return plain;
  const [head = "", tail] = plain.split("::");
  const groups = head === "" ? [] : head.split(":");
  const groupsBehind = tail === undefined || tail === "" ? 0 : tail.split(":").length;
  while (tail !== undefined && groups.length + groupsBehind < 8) groups.push("0");
  const network = [...groups, ...(tail ?? "").split(":")].slice(0, 4);
  return network.map((group) => (Number.parseInt(group, 16) || 0).toString(16)).join(":");
}
