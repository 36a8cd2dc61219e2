import { describe, expect, it } from "vitest";
import { toRequestHeaders, toResponseHeaders } from "./headers.ts";

function refusal(name: string) {
  return expect.objectContaining({ code: "outbound.header_refused", detail: expect.stringContaining(`"${name}"`) });
}

describe("toRequestHeaders", () => {
  it("asks for no content coding and names itself", () => {
    expect(toRequestHeaders({ "Content-Type": "text/plain" })).toEqual([
      "accept-encoding",
      "identity",
      "content-type",
      "text/plain",
      "user-agent",
      "parley",
    ]);
  });

  it("leaves a caller's own user agent", () => {
    expect(toRequestHeaders({ "User-Agent": "hook/1" })).toEqual([
      "accept-encoding",
      "identity",
      "user-agent",
      "hook/1",
    ]);
  });

  it.each(["X-aws-ec2-metadata-token", "x-aws-ec2-metadata-token-ttl-seconds", "Metadata-Flavor", "Metadata"])(
    "CVE-2025-64709: the metadata header %s is refused by name",
    (name) => {
      expect(() => toRequestHeaders({ [name]: "1" })).toThrow(refusal(name));
    },
  );

  const reserved = `Host content-length Transfer-Encoding connection Keep-Alive Upgrade TE Trailer Expect Accept-Encoding
    Proxy-Authorization proxy-connection Proxy-X X-Google-Metadata-Request`;
  it.each(reserved.split(/\s+/))(
    "%s is refused: it frames the message, steers a proxy or is the client's own",
    (name) => {
      expect(() => toRequestHeaders({ [name]: "1" })).toThrow(refusal(name));
    },
  );

  it.each(["", " ", "a b", "a:b", "host ", " host", "a\r\nhost", "a\n", "é", "a\u0000", "x(y)", "host\t"])(
    "a name that is not a token is refused: %j",
    (name) => {
      const shown = name.replace(/[^\x20-\x7e]/g, "?");
      expect(() => toRequestHeaders({ [name]: "1" })).toThrow(refusal(shown));
    },
  );

  it.each(["a\r\nhost: b", "a\nb", "a\rb", "a\u0000", "\u007f", "日本", "a\u2028b"])(
    "a value that could break out of its line is refused: %j",
    (value) => {
      expect(() => toRequestHeaders({ "x-note": value })).toThrow(refusal("x-note"));
    },
  );

  it("a header given twice in different case is refused", () => {
    expect(() => toRequestHeaders({ authorization: "a", Authorization: "b" })).toThrow(refusal("Authorization"));
  });
});

describe("toResponseHeaders", () => {
  it("joins repeated headers and leaves cookies out", () => {
    const headers = toResponseHeaders({ "x-a": ["1", "2"], "set-cookie": ["s=1"], etag: "x" });
    expect({ ...headers }).toEqual({ "x-a": "1, 2", etag: "x" });
  });

  it("a peer cannot reach the prototype", () => {
    const hostile: Record<string, string> = JSON.parse('{"__proto__": "x", "constructor": "y"}');
    const headers = toResponseHeaders(hostile);
    expect(Object.getPrototypeOf(headers)).toBe(null);
    expect(Object.keys(headers)).toEqual(["__proto__", "constructor"]);
  });
});
