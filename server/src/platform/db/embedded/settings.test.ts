import { describe, expect, it } from "vitest";
import { embeddedErrors } from "./errors.ts";
import { assertSettings, toArguments } from "./settings.ts";

describe("settings of the embedded database", () => {
  it("cannot be opened up by a caller", () => {
    const names = [
      "listen_addresses",
      "hba_file",
      "unix_socket_directories",
      "log_statement",
      "shared_preload_libraries",
    ];
    for (const name of [...names, "dynamic_library_path", "ssl", "archive_command", "x=y -c fsync", "-c"]) {
      expect(() => assertSettings({ [name]: "on" })).toThrow(
        expect.objectContaining({ code: embeddedErrors.setting.code }),
      );
    }
    expect(() => assertSettings({ shared_buffers: "16MB", "pg_trgm.similarity_threshold": "0.4" })).not.toThrow();
  });

  it("put the caller's value once and the locked ones last", () => {
    const args = toArguments("/tmp/a b,c", { shared_buffers: "16MB" });
    expect(args.filter((arg) => arg.startsWith("shared_buffers="))).toEqual(["shared_buffers=16MB"]);
    expect(args).toContain("listen_addresses=");
    expect(args.at(-1)).toBe('unix_socket_directories="/tmp/a b,c"');
  });
});
