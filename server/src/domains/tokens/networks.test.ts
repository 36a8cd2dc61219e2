import { describe, expect, it } from "vitest";
import { isFromNetwork, parseNetwork, toShownNetwork } from "./networks.ts";

describe("networks of a token", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7/32"],
    ["203.0.113.7/24", "203.0.113.0/24"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["2001:db8::1", "2001:db8::1/128"],
    ["2001:DB8:0:0::5/32", "2001:db8::/32"],
    ["::ffff:10.1.2.3", "10.1.2.3/32"],
    ["::ffff:10.1.2.3/104", "10.0.0.0/8"],
  ])("are stored in one spelling: %s as %s", (text, stored) => {
    expect(parseNetwork(text)).toBe(stored);
  });

  it.each(["", "10.0.0.0/33", "10.0.0.0/-1", "::/129", "localhost", "10.0.0.0/8/8", "fe80::1%eth0", " 10.0.0.1"])(
    "refuse %j",
    (text) => {
      expect(parseNetwork(text)).toBeUndefined();
    },
  );

  it.each([
    ["10.1.2.3", "10.0.0.0/8", true],
    ["::ffff:10.1.2.3", "10.0.0.0/8", true],
    ["::ffff:0a01:0203", "10.0.0.0/8", true],
    ["10.1.2.3", parseNetwork("::ffff:10.0.0.0/104") ?? "", true],
    ["11.1.2.3", "10.0.0.0/8", false],
    ["::ffff:11.1.2.3", "10.0.0.0/8", false],
    ["2001:db8::1", "2001:db8::/32", true],
    ["2001:db9::1", "2001:db8::/32", false],
    ["10.1.2.3", "::/0", false],
    ["2001:db8::1", "0.0.0.0/0", false],
    ["fe80::1%eth0", "fe80::/10", true],
    ["nonsense", "0.0.0.0/0", false],
    ["", "0.0.0.0/0", false],
  ])("SECURITY: %s from %s is %s", (address, network, expected) => {
    expect(isFromNetwork(address, [network])).toBe(expected);
  });

  it("SECURITY: an empty list allows nobody, no list everybody", () => {
    expect([isFromNetwork("10.1.2.3", []), isFromNetwork("10.1.2.3", undefined)]).toEqual([false, true]);
  });

  it("are shown without the host", () => {
    expect(["203.0.113.7", "::ffff:203.0.113.7", "2001:db8:1:2::3", "?"].map(toShownNetwork)).toEqual([
      "203.0.113.0/24",
      "203.0.113.0/24",
      "2001:db8:1::/48",
      "unknown",
    ]);
  });
});
