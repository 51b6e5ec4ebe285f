import { RunError } from "@pulumi/pulumi";

/** One thing that is wrong with the stack's configuration. */
export interface SettingProblem {
  /** As in the stack file, without the project: `batchSize`, `targets[0].database.version`. */
  readonly key: string;
  /** As it was set; absent when the rule is not about one value, or when it might be a secret. */
  readonly value?: string;
  /** "must be .." */
  readonly rule: string;
  /** A command line that mends it. */
  readonly fix: string;
}

/** The stack's configuration cannot be deployed. Pulumi prints the message of a RunError without a stack trace. */
export class SettingsError extends RunError {
  readonly problems: readonly SettingProblem[];

  constructor(project: string, problems: readonly SettingProblem[]) {
    super(
      [
        "the configuration of this stack cannot be deployed:",
        ...problems.map((problem) => line(project, problem)),
      ].join("\n"),
    );
    this.problems = problems;
  }
}

function line(project: string, { key, value, rule, fix }: SettingProblem): string {
  // A provider's keys bring their namespace along.
  const name = key.includes(":") ? key : `${project}:${key}`;
  return `  - ${name}${value === undefined ? "" : ` = ${value}`}: ${rule}\n    mend it with: ${fix}`;
}

/** A configured value as it would stand in the stack file. */
export function shown(value: unknown): string {
  // eslint-disable-next-line no-restricted-syntax -- configuration is plain data without Outputs
  return JSON.stringify(value);
}
