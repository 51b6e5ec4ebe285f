import { readFileSync } from "node:fs";
import { expect } from "chai";
import * as v from "valibot";
import { parse } from "yaml";
import { auditOptionSettings, auroraAuditParameters } from "../../infra/auditLog";
import { settingKeys } from "../../infra/settingKeys";
import { projectRoot, readStackFile } from "./stackFiles";

const projectFile = v.object({
  name: v.literal("audit-sync"),
  config: v.record(
    v.string(),
    v.strictObject({
      type: v.string(),
      default: v.unknown(),
      description: v.pipe(v.string(), v.minLength(10)),
      items: v.optional(v.strictObject({ type: v.literal("string") })),
    }),
  ),
});

function readText(path: string): string {
  return readFileSync(`${projectRoot}/${path}`, "utf8");
}

/** Flat keys with the default that a table of the documentation gives. */
function documented(): ReadonlyMap<string, string> {
  const rows = readText("docs/configuration.md").matchAll(/^\| `(\w+)` +\| ([^|]+?) +\|/gm);
  return new Map([...rows].map(([, key = "", value = ""]) => [key, value]));
}

describe("Pulumi.yaml", () => {
  it("declares every flat key with the type and default that the program has", () => {
    const { config } = v.parse(projectFile, parse(readText("Pulumi.yaml")));

    const declared = Object.entries(config).map(([name, key]) => [name, { type: key.type, default: key.default }]);
    const known = Object.entries(settingKeys).map(([name, key]) => [name, { type: key.type, default: key.default }]);
    expect(declared).to.deep.equal(known);
  });

  it("declares lists as lists of text", () => {
    const { config } = v.parse(projectFile, parse(readText("Pulumi.yaml")));

    for (const [name, { type, items }] of Object.entries(config)) {
      expect(items, name).to.deep.equal(type === "array" ? { type: "string" } : undefined);
    }
  });
});

describe("docs/configuration.md", () => {
  it("describes every flat key with its default", () => {
    const described = documented();

    for (const [name, { default: fallback }] of Object.entries(settingKeys)) {
      const text = Array.isArray(fallback) ? "[]" : String(fallback);
      expect(described.get(name), name).to.equal(text === "" ? "empty" : `\`${text}\``);
    }
  });

  it("tells the owner of an existing source the settings that the program would make itself", () => {
    const text = readText("docs/configuration.md");
    const users = { included: [], excluded: ["audit_sync", "rdsadmin"] };

    for (const { name, value } of auroraAuditParameters(users)) expect(text).to.contain(`   ${name} = ${value}\n`);
    for (const { name, value } of auditOptionSettings("mysql", users)) {
      expect(text.replace(/\s+/g, " ")).to.contain(`\`${name}\` = \`${value}\``);
    }
  });
});

describe("the stack files", () => {
  it("set the same keys in dev and prod", () => {
    expect(Object.keys(readStackFile("prod"))).to.deep.equal(Object.keys(readStackFile("dev")));
  });

  it("set known keys only", () => {
    const known = new Set([...Object.keys(settingKeys), "targets", "sourceParameters"]);

    for (const stack of ["dev", "prod"]) {
      const own = Object.keys(readStackFile(stack)).filter((key) => key.startsWith("audit-sync:"));
      expect(own.map((key) => key.replace("audit-sync:", "")).filter((key) => !known.has(key))).to.deep.equal([]);
    }
  });
});
