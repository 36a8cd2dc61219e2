// `parley chat`: the first thing a newcomer tries, and a way to try a bot from a script.

import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { demoCallback } from "../../server/src/demo-callback.ts";
import { makeDataDir } from "../support/data-dir.ts";
import { findPort, type RunningServer, runCommand, type Settings, startServer } from "../support/server.ts";

let settings: Settings;
let server: RunningServer;
beforeAll(async () => {
  settings = {
    PARLEY_DATA_DIR: await makeDataDir(),
    PARLEY_PORT: String(await findPort()),
    PARLEY_LOG_LEVEL: "error",
  };
  server = await startServer(settings, ["--demo"]);
}, 60_000);
afterAll(async () => {
  await server.stop();
  rmSync(settings["PARLEY_DATA_DIR"] ?? "", { recursive: true, force: true });
});

interface Said {
  readonly message?: { readonly text: string; readonly buttons?: readonly { readonly title: string }[] };
  readonly trace?: { readonly outcome: string };
}

function readLines(stdout: string): Said[] {
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

describe("a chat at the terminal", { timeout: 30_000 }, () => {
  it("says what is piped in, line by line, and ends after the last", async () => {
    const { code, stdout, stderr } = await runCommand(["chat", "--json"], settings, "order 42\n\nhello\n");
    expect([code, stderr]).toEqual([0, ""]);
    const [order, menu] = readLines(stdout).map(({ message }) => message);
    expect(order?.text).toBe("Order 42 received");
    expect(menu?.buttons?.length).toBeGreaterThan(1);
  });

  it("prints for people what it prints for programs, without a prompt where nobody types", async () => {
    const { code, stdout } = await runCommand(["chat"], settings, "order 43\n");
    expect([code, stdout.replaceAll("\r", "").trim()]).toEqual([0, "bot  Order 43 received"]);
  });

  it("shows what the engine did", async () => {
    const { stdout } = await runCommand(["chat", "--json", "--trace", "--say", "order 44"], settings);
    expect(readLines(stdout).map(({ message, trace }) => message?.text ?? trace?.outcome)).toEqual(
      expect.arrayContaining(["Order 44 received", "answered"]),
    );
  });

  it("says so when another chat has the address that replies go to", async () => {
    const other = createServer().listen(demoCallback.port, demoCallback.host);
    onTestFinished(() => void other.close());
    await once(other, "listening");
    const { code, stderr } = await runCommand(["chat", "--say", "order 45"], settings);
    expect(code).toBe(1);
    expect(stderr).toContain("Another chat is open on this machine. End it first.");
  });
});
