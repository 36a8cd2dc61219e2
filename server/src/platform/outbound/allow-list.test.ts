import { describe, expect, it } from "vitest";
import { createAllowList, parseAllowList } from "./allow-list.ts";

describe("parseAllowList", () => {
  it("reads names, IPv4 and IPv6 with their ports", () => {
    expect(parseAllowList(" ollama.internal:11434, [::1]:9000\n127.0.0.1:9000,,LocalHost:80 ")).toEqual([
      { host: "ollama.internal", port: 11434 },
      { host: "[::1]", port: 9000 },
      { host: "127.0.0.1", port: 9000 },
      { host: "localhost", port: 80 },
    ]);
  });

  it("is empty for empty text", () => {
    expect(parseAllowList(" \n ")).toEqual([]);
  });

  it("writes international names and long IPv6 as a parsed URL would", () => {
    expect(parseAllowList("bücher.example:443 [0:0:0:0:0:0:0:1]:80")).toEqual([
      { host: "xn--bcher-kva.example", port: 443 },
      { host: "[::1]", port: 80 },
    ]);
  });

  const wrongEntries = `ollama ollama: :80 ollama:x ollama:0 ollama:65536 ollama:123456 127.0.0.1:* *:80 http://ollama:80
    ollama:80/path user@ollama:80 ::1:80 [::1] [::1%lo]:80 10.0.0.0/8:80 *.internal:80 ollama.:80 2130706433:80 0x7f.1:80
    127.1:80 [zz]:80`;
  it.each(wrongEntries.split(/\s+/))("names the entry that is wrong: %s", (entry) => {
    expect(() => parseAllowList(`good.example:443, ${entry}`)).toThrow(
      expect.objectContaining({
        code: "outbound.allow_list_invalid",
        detail: expect.stringContaining(`"${entry}"`),
      }),
    );
  });
});

describe("createAllowList", () => {
  it("holds exactly the host and port given, however they were written", () => {
    const allow = createAllowList([
      { host: "::1", port: 9000 },
      { host: "OLLAMA.internal", port: 80 },
    ]);
    expect(allow.has("[::1]", 9000)).toBe(true);
    expect(allow.has("ollama.internal", 80)).toBe(true);
    expect(allow.has("[::1]", 9001)).toBe(false);
    expect(allow.has("ollama.internal.", 80)).toBe(false);
    expect(allow.has("x.ollama.internal", 80)).toBe(false);
    expect(allow.has("127.0.0.1", 9000)).toBe(false);
  });

  it("refuses a hand-written entry that is wrong", () => {
    expect(() => createAllowList([{ host: "a.example", port: 1.5 }])).toThrow(
      expect.objectContaining({ code: "outbound.allow_list_invalid" }),
    );
  });
});
