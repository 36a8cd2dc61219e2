import { describe, expect, it } from "vitest";
import { acceptOctets, registerRawRoute } from "./index.ts";
import { createTestServer } from "./testing.ts";

describe("an address that takes the bytes of files", () => {
  it.each(["application/json", "multipart/form-data; boundary=x", "text/plain"])(
    "refuses %s, and says what it takes",
    async (type) => {
      const server = createTestServer();
      server.mount({
        name: "api",
        register(scope) {
          acceptOctets(scope);
          const path = "/files" as const;
          registerRawRoute(scope, { method: "POST", path, handle: () => Promise.resolve({ status: 201 }) });
        },
      });
      const post = (contentType: string) =>
        server.inject({ method: "POST", url: "/files", headers: { "content-type": contentType }, payload: "{}" });
      const refused = await post(type);
      expect([refused.statusCode, refused.json().code]).toEqual([415, "http.unsupported_media_type"]);
      expect(refused.json().detail).toContain("application/octet-stream");
      expect((await post("application/octet-stream")).statusCode).toBe(201);
      await server.close();
    },
  );
});
