// What an answer lets a browser do with it: show a page that others frame, run what a stranger put into an error or a file.
// The payloads are those of the whole corpus.

import { describe, expect, it } from "vitest";
import { sendAnswer } from "../../server/src/api/send-answer.ts";
import { inspectFile } from "../../server/src/domains/files/index.ts";
import { AppError } from "../../server/src/kernel/errors.ts";
import type { FileBody } from "../../server/src/kernel/operation.ts";
import { listPageHeaders } from "../../server/src/pages/headers.ts";
import { createTestServer } from "../../server/src/platform/http/testing.ts";
import { xssPayloads } from "../support/xss-payloads.ts";

/** A server with two addresses: one that fails with what it was asked, and one that answers a file. */
function serve(file: FileBody) {
  const server = createTestServer();
  server.mount({
    name: "api",
    register(scope) {
      scope.get("/api/things/:thing", async ({ params }) => {
        throw new TypeError(`nothing like ${(params as { thing: string }).thing}`);
      });
      scope.get("/api/file", async (request, reply) => sendAnswer(request, reply, { status: 200, body: {}, file }));
    },
  });
  return (path: string) => server.inject(path);
}

function toFile(text: string, fileName: string, contentType: string): FileBody {
  const bytes = Buffer.from(text);
  async function* read(): AsyncGenerator<Buffer> {
    yield bytes;
  }
  return { contentType, fileName, bytes: bytes.length, chunks: read(), etag: '"1"' };
}

const nonce = "q83vEjRWeJCrze8SNFZ4kKvN";
const policyOf = (isHttps: boolean): string =>
  new Map(listPageHeaders({ nonce, isHttps, publicOrigin: "https://parley.example.com" })).get(
    "content-security-policy",
  ) ?? "";

describe("a page of people's", () => {
  it("#6185: is framed by nobody, over HTTPS or not", () => {
    for (const isHttps of [true, false]) {
      expect(policyOf(isHttps).split("; ")).toContain("frame-ancestors 'none'");
      const headers = new Map(listPageHeaders({ nonce, isHttps, publicOrigin: "https://parley.example.com" }));
      expect(headers.get("x-frame-options")).toBe("DENY");
    }
  });

  it("CVE-2026-26023: lets no text become script: Trusted Types are demanded, and nobody may make any", () => {
    const directives = policyOf(true).split("; ");
    expect(directives).toContain("require-trusted-types-for 'script'");
    expect(directives).toContain("trusted-types 'none'");
    expect(policyOf(true)).not.toContain("unsafe-");
  });
});

describe("an error", () => {
  it("CVE-2024-37146: is JSON that a browser shows as nothing else, and repeats nothing of what was asked", async () => {
    const get = serve(toFile("", "a.txt", "text/plain"));
    const asked = xssPayloads.slice(0, 60).flatMap(({ value }) => {
      const part = encodeURIComponent(value.toWellFormed());
      return [`/api/things/${part}`, `/${part}`, `/api/things?${part}=${part}`];
    });
    for (const path of asked) {
      const answer = await get(path);
      expect(answer.statusCode).toBeGreaterThanOrEqual(400);
      expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
      expect(answer.headers["x-content-type-options"]).toBe("nosniff");
      expect(answer.body).not.toMatch(/[<>]|__xss|evil\.example|%3C/i);
    }
  });
});

describe("a file", () => {
  it("CVE-2026-25051, CVE-2026-39970: is saved, and were it shown, its policy is a sandbox without scripts", async () => {
    const drawing = xssPayloads.find(({ name }) => name.includes("drawing with a script"))?.value ?? "";
    const answer = await serve(toFile(drawing, 'a"\r\nb.svg', "image/svg+xml"))("/api/file");
    expect(answer.headers["content-disposition"]).toMatch(/^attachment; filename="a___b\.svg"; /);
    const policy = String(answer.headers["content-security-policy"]).split("; ");
    expect(policy).toContain("sandbox");
    expect(policy).toContain("default-src 'none'");
    expect(answer.headers["x-content-type-options"]).toBe("nosniff");
    expect(answer.headers["cross-origin-resource-policy"]).toBe("same-origin");
  });

  it("SECURITY: is kept by a browser for whoever fetched it, and for nobody after them", async () => {
    const { headers } = await serve(toFile("x", "a.txt", "text/plain"))("/api/file");
    expect(headers["cache-control"]).toMatch(/^private, /);
    expect(headers.vary).toBe("Origin, Authorization, Cookie");
  });

  it("CVE-2026-39970, CVE-2023-2109: of a script is never taken for a picture or a page, whatever it is called", async () => {
    const judge = async (bytes: Buffer, name: string | undefined): Promise<string> => {
      try {
        return (await inspectFile(bytes, name)).type;
      } catch (error) {
        if (error instanceof AppError) return "refused";
        throw error;
      }
    };
    const types = new Set<string>();
    for (const { value } of xssPayloads) {
      for (const name of ["a.svg", "a.png", "a.html", "a.txt", "a.jpg", undefined]) {
        types.add(await judge(Buffer.from(value.toWellFormed()), name));
      }
    }
    // Text that is called text is saved as text.
    expect([...types].toSorted()).toEqual(["refused", "text/plain; charset=utf-8"]);
  });

  it("CVE-2026-34718: whose name is a payload puts nothing into the headers", async () => {
    for (const { value } of xssPayloads) {
      const answer = await serve(toFile("x", value.toWellFormed(), "text/plain"))("/api/file");
      expect(answer.statusCode).toBe(200);
      const disposition = String(answer.headers["content-disposition"]);
      expect(disposition).toMatch(/^attachment; filename="[\w. -]*"; filename\*=UTF-8''[\w.!~%-]*$/);
      expect(answer.headers["content-type"]).toBe("text/plain");
    }
  });
});
