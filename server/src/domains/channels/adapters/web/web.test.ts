import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isError } from "../../../../kernel/errors.ts";
import { assertComplete } from "../../channel.ts";
import { channelErrors } from "../../errors.ts";
import { signatureCases } from "../conformance-cases.ts";
import { findAdapter } from "../index.ts";
import { webAdapter } from "./adapter.ts";

function catchCode(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return isError(error, channelErrors.malformedPayload) || isError(error, channelErrors.incomplete)
      ? error.code
      : "another error";
  }
  return undefined;
}

describe("the web adapter", () => {
  it("is registered, and makes no calls: what is stored is delivered", () => {
    expect(findAdapter("web")).toBe(webAdapter);
    expect(webAdapter.delivery).toBe("stored");
    expect(webAdapter).not.toHaveProperty("renderRequest");
  });

  it("believes no webhook, by whichever scheme and secret it was signed", async () => {
    const body = Buffer.from('{"events":[]}');
    for (const scheme of signatureCases) {
      const headers = await scheme.sign(body, scheme.credentials);
      const request = { headers, body, receivedAtMs: 1_767_225_600_000 };
      expect(scheme.adapter.isAuthentic(request, scheme.credentials)).toBe(true);
      expect(webAdapter.isAuthentic(request, scheme.credentials)).toBe(false);
    }
  });

  it("reads no event out of any body", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(catchCode(() => webAdapter.readEvents(value, {}))).toBe("channels.malformed_payload");
      }),
    );
  });

  it("takes no setting and no credential when it is made: what it needs has an operation of its own", () => {
    const none = { settings: {}, credentials: {} };
    expect(catchCode(() => assertComplete(webAdapter, none))).toBeUndefined();
    for (const given of [
      { ...none, settings: { origins: "*" } },
      { ...none, credentials: { identitySecrets: "[]" } },
    ]) {
      expect(catchCode(() => assertComplete(webAdapter, given))).toBe("channels.incomplete");
    }
  });
});
