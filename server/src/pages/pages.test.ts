import { describe, expect, it } from "vitest";
import { listAssetHeaders } from "../platform/http/document-headers.ts";
import { toName, toPastWords } from "./components/text.ts";
import { listPageAssets, pageAssets, pagePaths, signInPage, toReturnPath } from "./index.ts";
import { samplePages } from "./testing/sample-pages.ts";
import { hostileNames, ordinaryNames, sampleTimes } from "./testing/sample-people.ts";

const base = { nonce: "q83vEjRWeJCrze8SNFZ4kKvN", csrf: "sample-csrf-token" };
const every = Object.entries(samplePages);
const paths = new Set<string>(Object.values(pagePaths));

function write(page: (typeof every)[number][1], names: typeof ordinaryNames): string {
  return String(page(base, names)).replaceAll(/ +(?= |>)/g, "");
}

describe.each(every)("the page %s", (_, page) => {
  const text = write(page, ordinaryNames);
  const hostile = write(page, hostileNames);

  it("has a language, a title, a heading, a way past the header and one main part", () => {
    expect(text).toMatch(/^<!doctype html>\s*<html lang="en">/);
    expect(text).toMatch(/<title>[^<]{4,} · Parley<\/title>/);
    expect(text.match(/<h1>/g)).toHaveLength(1);
    expect(text).toContain('<a class="skip" href="#content">');
    expect(text.match(/<main id="content"/g)).toHaveLength(1);
  });

  it("has no style and no script of its own: one file each, by address, with its hash", () => {
    expect(text).not.toMatch(/<style|\sstyle=|\son[a-z]+=/);
    const { style, script } = pageAssets;
    expect(text.match(/<script\b[^>]*>/g)).toEqual([
      `<script type="module" src="${script.path}" integrity="${script.integrity}" nonce="${base.nonce}">`,
    ]);
    expect(text).toContain(`<link rel="stylesheet" href="${style.path}" integrity="${style.integrity}">`);
  });

  it("posts every form to one of the pages' addresses, with the token", () => {
    const forms = text.match(/<form\b.*?<\/form>/gs) ?? [];
    for (const form of forms) {
      expect(form).toMatch(/^<form method="post" /);
      expect(paths).toContain(/ action="([^"]+)"/.exec(form)?.[1]);
      expect(form.match(/<input type="hidden" name="csrf" value="sample-csrf-token">/g)).toHaveLength(1);
    }
  });

  it("names every field twice: for people with a label, for password managers with autocomplete", () => {
    for (const [input] of text.matchAll(/<input\b[^>]*>/g)) {
      if (/ type="hidden"| hidden/.test(input)) continue;
      const id = / id="([^"]+)"/.exec(input)?.[1] ?? "none";
      expect(text).toContain(`<label for="${id}">`);
      expect(input).toMatch(
        / autocomplete="(?:username(?: webauthn)?|current-password|new-password|one-time-code|name|organization|off)"/,
      );
      expect(input).not.toMatch(/maxlength|onpaste|readonly/);
    }
  });

  it("shows hostile names as text", () => {
    expect(hostile).not.toMatch(/<img|<script>|[\u202a-\u202e\u2066-\u2069]/);
    expect(hostile.match(/<script\b/g)).toHaveLength(1);
  });
});

describe("what stands around the pages", () => {
  it("goes on to paths of this server only, after a sign-in and after a confirmation", () => {
    expect(toReturnPath("/account/sessions?x=1")).toBe("/account/sessions?x=1");
    for (const bad of [
      "//elsewhere.example",
      "https://elsewhere.example",
      "/\\elsewhere.example",
      "javascript:x",
      "/\t/x",
      "",
    ]) {
      expect(toReturnPath(bad)).toBe("/account");
    }
    const page = String(signInPage({ ...base, returnTo: "//elsewhere.example" }));
    expect(page).toContain('name="returnTo" value="/account"');
  });

  it("says nothing of a mistake to the next form: each shows beside its own field", () => {
    const page = String(signInPage({ ...base, mistakes: [{ path: "email", message: "Write it with an @." }] }));
    expect(page).toContain('aria-invalid="true" aria-describedby="field-email-mistake"');
    expect(page.match(/aria-invalid/g)).toHaveLength(1);
    expect(page).toContain('<a href="#field-email">Write it with an @.</a>');
    expect(page).toContain("<title>Mistake: Sign in");
  });

  it("cuts long names between characters and keeps them on one line", () => {
    expect(toName("😀".repeat(100))).toBe(`${"😀".repeat(79)}…`);
    expect(toName("a\nb\u202ec")).toBe("a bc");
  });

  it("tells times in words", () => {
    const { nowMs, dayMs } = sampleTimes;
    expect(toPastWords(nowMs + 5000, nowMs)).toBe("just now");
    expect(toPastWords(nowMs - 60_000, nowMs)).toBe("1 minute ago");
    expect(toPastWords(nowMs - 2 * dayMs, nowMs)).toBe("2 days ago");
    expect(toPastWords(nowMs - 40 * dayMs, nowMs)).toBe("5 July 2026");
  });

  it("keeps assets for good under the hash of their bytes, for this origin only", () => {
    for (const asset of listPageAssets()) {
      expect(asset.path).toMatch(/^\/assets\/[a-z]+\.[0-9a-f]{16}\.(?:css|js|svg)$/);
      const headers = new Map(listAssetHeaders(asset));
      expect(headers.get("cache-control")).toContain("immutable");
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    }
  });

  it("has a stylesheet that loads nothing and a script without a way to markup", () => {
    expect(String(pageAssets.style.body)).not.toMatch(/url\(|@import/);
    expect(String(pageAssets.script.body)).not.toMatch(
      /innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|fetch\(/,
    );
  });
});
