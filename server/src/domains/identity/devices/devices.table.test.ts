import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeDevice } from "./describe-device.ts";
import { describeNetwork, toNetwork } from "./describe-network.ts";

const webKit = "AppleWebKit/537.36 (KHTML, like Gecko)";
const agents: [string, string][] = [
  ["Firefox on Windows", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"],
  ["Firefox on macOS", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0"],
  ["Firefox on Linux", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"],
  ["Firefox on Android", "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"],
  [
    "Firefox on iPhone",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 FxiOS/140.0 Mobile/15E148 Safari/605.1.15",
  ],
  ["Chrome on Windows", `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webKit} Chrome/140.0.0.0 Safari/537.36`],
  ["Chrome on Android", `Mozilla/5.0 (Linux; Android 10; K) ${webKit} Chrome/140.0.0.0 Mobile Safari/537.36`],
  ["Chrome on ChromeOS", `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${webKit} Chrome/140.0.0.0 Safari/537.36`],
  ["Chrome on Linux", `Mozilla/5.0 (X11; Linux x86_64) ${webKit} HeadlessChrome/140.0.0.0 Safari/537.36`],
  ["Edge on Windows", `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webKit} Chrome/140.0 Safari/537.36 Edg/140.0`],
  ["Opera on macOS", `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${webKit} Chrome/140.0 Safari/537.36 OPR/122.0`],
  [
    "Samsung Internet on Android",
    `Mozilla/5.0 (Linux; Android 10; K) ${webKit} SamsungBrowser/27.0 Chrome/125.0 Mobile Safari/537.36`,
  ],
  [
    "Safari on macOS",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
  ],
  [
    "Safari on iPad",
    "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
  ],
  ["A program", "curl/8.5.0"],
  ["Unknown browser on Linux", "Strange/1.0 (Linux)"],
  ["Unknown browser", "<script>alert(1)</script>"],
  ["Unknown browser", ""],
];

describe("a device in words", () => {
  it.each(agents)("is %s", (words, agent) => {
    expect(describeDevice(agent)).toBe(words);
  });

  it("SECURITY: repeats nothing of what was sent, never throws and takes no time", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 600 }), (agent) => {
        expect(describeDevice(agent)).toMatch(/^[A-Za-z ]{4,40}$/);
      }),
    );
    const startedMs = performance.now();
    expect(describeDevice("Version/1 ".repeat(1_000_000))).toBe("Unknown browser");
    expect(performance.now() - startedMs).toBeLessThan(50);
    expect(describeDevice(undefined)).toBe("Unknown browser");
  });
});

describe("a network in words", () => {
  it.each([
    ["192.0.2.77", "192.0.2.0/24"],
    ["8.8.8.8", "8.8.8.0/24"],
    ["::ffff:8.8.8.8", "8.8.8.0/24"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"],
    ["2A00:1450:4001::8a", "2a00:1450:4001::/48"],
    ["127.0.0.1", "this machine"],
    ["::1", "this machine"],
    ["::ffff:127.0.0.1", "this machine"],
    ["10.1.2.3", "a private network"],
    ["192.168.0.1", "a private network"],
    ["100.64.0.1", "a private network"],
    ["169.254.1.1", "a private network"],
    ["fd00::1", "a private network"],
    ["fe80::1%eth0", "a private network"],
    ["0.0.0.0", "an unknown network"],
    ["::", "an unknown network"],
    ["0x7f.1", "an unknown network"],
    ["127.1", "an unknown network"],
    ["1.2.3.4.5", "an unknown network"],
    ["example.com", "an unknown network"],
    ["", "an unknown network"],
    [undefined, "an unknown network"],
  ])("%s is %s", (address, words) => {
    expect(describeNetwork(address)).toBe(words);
  });

  it("counts every address of a network under one key, and those of another under another", () => {
    expect(toNetwork("192.0.2.255")).toBe(toNetwork("192.0.2.0"));
    expect(toNetwork("192.0.3.0")).not.toBe(toNetwork("192.0.2.0"));
    expect(toNetwork("2001:db8:1:ffff::1")).toBe(toNetwork("2001:db8:1::"));
    expect(toNetwork("2001:db8:2::")).not.toBe(toNetwork("2001:db8:1::"));
    expect(toNetwork("::ffff:192.0.2.1")).toBe(toNetwork("192.0.2.1"));
    expect(toNetwork("10.1.2.3")).toBe("10.1.2.0/24");
    expect(toNetwork("nonsense")).toBe(toNetwork(undefined));
  });

  it("never throws", () => {
    const parts = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ maxLength: 80 }));
    fc.assert(
      fc.property(parts, (text) => {
        expect([typeof describeNetwork(text), typeof toNetwork(text)]).toEqual(["string", "string"]);
      }),
    );
  });
});
