import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contactFields, toContactMessage } from "./contact-message.ts";

const place = { platformMessageId: "vis_1:one", externalId: "anonymous:1", nowMs: 1_800_000_000_000 };
const form = z.strictObject(contactFields);

describe("the form for off hours", () => {
  it("becomes a message of the conversation, with the address in its one spelling beside it", () => {
    const contact = { email: " Ada@EXAMPLE.org ", name: "Ada\u202e\nOkafor", text: "Is it there?\nThanks" };
    expect(toContactMessage(contact, place)).toEqual({
      ...{ kind: "message", platformMessageId: "vis_1:one", externalId: "anonymous:1", sentAtMs: place.nowMs },
      ...{
        type: "text",
        text: "Is it there?\nThanks",
        data: { contact: { email: "ada@example.org", name: "Ada Okafor" } },
      },
    });
  });

  it("renames no member: what a visitor writes about themselves proves nothing", () => {
    const message = toContactMessage({ email: "eve@example.org", name: "Ada Okafor", text: "x" }, place);
    expect(message).not.toHaveProperty("profileName");
    expect(message.externalId).toBe("anonymous:1");
  });

  it.each([
    ...["", "ada", "ada@", "@example.org", "a@b@example.org", "ada@example.org, eve@example.net"],
    ...["Ada <ada@example.org>", "ada@[127.0.0.1]", "ada@example.org\r\nBcc: eve@example.net", '"a b"@example.org'],
  ])("refuses %j as the address, and names the field", (email) => {
    expect(() => toContactMessage({ email, text: "x" }, place)).toThrow(
      expect.objectContaining({
        code: "visitors.contact_email_invalid",
        mistakes: [expect.objectContaining({ path: "email" })],
      }),
    );
  });

  it.each([
    [{ email: "ada@example.org", text: " \n " }],
    [{ email: "ada@example.org", text: "x".repeat(4_001) }],
    [{ email: "ada@example.org", text: "x", name: "x".repeat(101) }],
    [{ email: "ada@example.org", text: "x", isVerified: true }],
    [{ text: "x" }],
  ])("takes bounded fields and no other", (given) => {
    expect(form.safeParse(given).success).toBe(false);
    expect(form.safeParse({ email: "ada@example.org", text: "x" }).success).toBe(true);
  });
});
