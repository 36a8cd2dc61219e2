import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isPublicAddress } from "./addresses.ts";
import { specialRanges } from "./ssrf-table.ts";

describe("isPublicAddress", () => {
  it.each(specialRanges)("CVE-2026-49213: $range is not public, from its first to its last address", ({ inside }) => {
    expect(inside.filter(isPublicAddress)).toEqual([]);
  });

  it.each(specialRanges)("the public neighbours of $range stay reachable", ({ outside }) => {
    expect(outside.filter(isPublicAddress)).toEqual(outside);
  });

  it.each(["8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "2a00:1450:4001::1", "::ffff:808:808"])(
    "%s is public",
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each(["", "example.com", "127.1", "0x7f.1", "8.8.8", "8.8.8.8.", "8.8.8.8/32", "2606::1%eth0", "[2606::1]"])(
    "%j is not an address and so not public",
    (text) => {
      expect(isPublicAddress(text)).toBe(false);
    },
  );

  it("an IPv4 address carried in mapped or NAT64 form is never more public than itself", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const isPublic = isPublicAddress(address);
        expect(isPublicAddress(`::ffff:${address}`)).toBe(isPublic);
        expect(isPublicAddress(`64:ff9b::${address}`)).toBe(isPublic);
        expect(isPublicAddress(`64:ff9b:1::${address}`)).toBe(false);
        expect(isPublicAddress(`::${address}`)).toBe(false);
      }),
    );
  });

  it("nothing outside 2000::/3 is public but the forms that carry IPv4", () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        if (!isPublicAddress(address)) return;
        expect(address).toMatch(/^[23][0-9a-f]{3}:|^(0{0,4}:)*:?(0:)*ffff:|^0{0,2}64:ff9b:/i);
      }),
    );
  });
});
