import { describe, expect, it } from "vitest";
import { listOwnOrigins } from "./demo-web.ts";

describe("the origins of the demo's widget", () => {
  it.each([
    ["http://127.0.0.1:8080", ["http://127.0.0.1:8080", "http://localhost:8080"]],
    ["http://localhost:8080", ["http://localhost:8080", "http://127.0.0.1:8080"]],
    ["https://parley.example/", ["https://parley.example"]],
    ["http://parley.example", []],
    ["http://[::1]:8080", []],
  ])("of %s are the server's own, and only those a widget may stand on", (baseUrl, origins) => {
    expect(listOwnOrigins(baseUrl)).toEqual(origins);
  });
});
