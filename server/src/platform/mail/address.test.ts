import { describe, expect, it } from "vitest";
import { isError } from "../../kernel/errors.ts";
import { findMailAddress, findSender, parseMailAddress } from "./address.ts";
import { mailErrors } from "./errors.ts";

describe("mail addresses", () => {
  it.each([
    ["ada@example.org", "ada@example.org"],
    ["Ada.Lovelace+x@Example.ORG", "Ada.Lovelace+x@example.org"],
    ["o'brien@example.org", "o'brien@example.org"],
    ["a@bücher.example", "a@xn--bcher-kva.example"],
    ["root@localhost", "root@localhost"],
  ])("reads %s", (text, address) => {
    expect(findMailAddress(text)).toBe(address);
  });

  it.each([
    "",
    "ada",
    "@example.org",
    "ada@",
    "ada@example.org\r\nBcc: eve@example.net",
    "ada@example.org\nx",
    "ada@example.org, eve@example.net",
    "ada@example.org;eve@example.net",
    "<ada@example.org>",
    "Ada <ada@example.org>",
    '"eve@example.net"@example.org',
    '"a b"@example.org',
    "ada(comment)@example.org",
    "ada@[127.0.0.1]",
    "ada@127.0.0.1",
    "ada@exam ple.org",
    "ada@-example.org",
    "ada@example..org",
    ".ada@example.org",
    "ada..b@example.org",
    "ada@example.org/x",
    "ada@example.org%2f",
    "group:ada@example.org;",
    `${"a".repeat(65)}@example.org`,
    `a@${"b.".repeat(130)}org`,
    "ädä@example.org",
    "ada@example.org\u0000",
  ])("refuses %j, which is not one plain mailbox (CVE-2025-13033)", (text) => {
    expect(findMailAddress(text)).toBeUndefined();
  });

  it.each([[undefined], [null], [1], [{ path: "/etc/passwd" }], [["ada@example.org"]]])(
    "refuses what is no text: %j",
    (value) => {
      expect.assertions(1);
      try {
        parseMailAddress(value);
      } catch (error) {
        expect(isError(error, mailErrors.addressInvalid)).toBe(true);
      }
    },
  );

  it("reads a sender with or without a name, and refuses line breaks in it", () => {
    expect(findSender("Parley <no-reply@example.org>")).toEqual({ name: "Parley", address: "no-reply@example.org" });
    expect(findSender('"Parley, Inc." <a@example.org>')).toEqual({ name: "Parley, Inc.", address: "a@example.org" });
    expect(findSender("a@example.org")).toEqual({ name: "", address: "a@example.org" });
    expect(findSender("Parley\r\nBcc: x <a@example.org>")).toBeUndefined();
    expect(findSender("Parley <a@example.org>, <b@example.org>")).toBeUndefined();
  });
});
