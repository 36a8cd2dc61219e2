import { describe, expect, it } from "vitest";
import { appStatement, systemStatement } from "./statement.ts";

describe("a statement", () => {
  it("SECURITY: names its tenant, or is not declared", () => {
    expect(() => appStatement("test.no_tenant", "select 1 from apps where app_id = $2")).toThrow("lacks");
    expect(() => systemStatement("test.free", "select * from members")).toThrow("lacks");
  });

  it("has no comment, which would take the rest of the line with it: its conditions", () => {
    const text = "select 1 from apps -- all of them\n where organisation_id = $1 and app_id = $2";
    expect(() => appStatement("test.comment", text)).toThrow("comment");
  });
});
