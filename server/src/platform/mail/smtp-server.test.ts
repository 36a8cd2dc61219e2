import { describe, expect, it } from "vitest";
import { findSmtpServer } from "./smtp-server.ts";

describe("the mail server's address", () => {
  it("asks for TLS everywhere but on this machine", () => {
    const securityOf = (address: string): string | undefined => findSmtpServer(address)?.security;
    expect(securityOf("smtps://mail.example.org")).toBe("tls");
    expect(securityOf("smtps://127.0.0.1")).toBe("tls");
    expect(securityOf("smtp://mail.example.org")).toBe("starttls");
    expect(securityOf("smtp://10.0.0.5:25")).toBe("starttls");
    expect(securityOf("smtp://127.0.0.1.example.org")).toBe("starttls");
    expect(securityOf("smtp://localhost.example.org")).toBe("starttls");
    expect(securityOf("smtp://127.0.0.1:1025")).toBe("none");
    expect(securityOf("smtp://[::1]:1025")).toBe("none");
  });

  it("takes localhost for this machine without asking a name server", () => {
    expect(findSmtpServer("smtp://localhost:1025")).toMatchObject({ host: "127.0.0.1", port: 1025, security: "none" });
  });

  it("has the usual ports and decodes what is percent-encoded", () => {
    expect(findSmtpServer("smtps://mail.example.org")?.port).toBe(465);
    const server = findSmtpServer("smtp://user%40example.org:p%40ss%3Aword@mail.example.org/");
    expect(server).toMatchObject({ host: "mail.example.org", port: 587 });
    expect(server?.credentials?.user).toBe("user@example.org");
    expect(server?.credentials?.password.reveal()).toBe("p@ss:word");
    expect(JSON.stringify(server)).not.toContain("p@ss");
  });

  it.each([
    "smtp://mail.example.org?tls.rejectUnauthorized=false",
    "smtps://mail.example.org/?secure=false",
    "smtps://mail.example.org/#x",
    "smtps://mail.example.org/path",
    "smtps://user@mail.example.org",
    "smtps://u%0d%0a:p@mail.example.org",
    "smtps://%zz:p@mail.example.org",
    "http://mail.example.org",
    "smtp:",
    "mail.example.org",
    "",
  ])("refuses %s", (address) => {
    expect(findSmtpServer(address)).toBeUndefined();
  });
});
