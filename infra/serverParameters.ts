import * as v from "valibot";
import { shown, type SettingProblem } from "./settingsError";

/** A parameter of the database server, and whether it takes effect at the next reboot only. */
export interface ServerParameter {
  readonly name: string;
  readonly value: string;
  readonly isStatic: boolean;
}

const schema = v.array(v.strictObject({ name: v.string(), value: v.string(), static: v.optional(v.boolean(), false) }));

/** What the audit log and the functions' connections stand on is not for the configuration to change. */
const reserved = /^(?:server_audit_.*|require_secure_transport)$/;

export function parseServerParameters(raw: unknown): {
  readonly parameters: readonly ServerParameter[];
  readonly problems: readonly SettingProblem[];
} {
  const fix = "pulumi config set --path 'sourceParameters[0].name' max_connections";
  const key = "sourceParameters";
  const parsed = v.safeParse(schema, raw);
  if (!parsed.success) {
    const rule = "must be a list of { name, value, static }, name and value as text in quotes";
    return { parameters: [], problems: [{ key, value: shown(raw), rule, fix }] };
  }
  const taken = parsed.output.filter(({ name }) => reserved.test(name) || !/^[a-z][a-z0-9_]*$/.test(name));
  return {
    parameters: parsed.output.map((parameter) => ({
      name: parameter.name,
      value: parameter.value,
      isStatic: parameter.static,
    })),
    problems: taken.map(({ name }) => ({
      key,
      value: name,
      rule: "must name a server parameter that this program does not set itself",
      fix,
    })),
  };
}
