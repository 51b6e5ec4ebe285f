/** Rules that more than one key takes part in. */
import type { Settings } from "./settings";
import { shown, type SettingProblem } from "./settingsError";

/** Aurora takes 1,024 characters of excluded users everywhere, newer releases 2,000 bytes. */
const userListCharacters = 1_024;

/** CloudWatch Logs allows this many subscription filters for one log group. */
const subscriptionsPerLogGroup = 2;

const secondsPerHour = 3_600;

export function ruleProblems(settings: Settings): readonly SettingProblem[] {
  return [
    ...stackProblems(settings),
    ...networkProblems(settings),
    ...credentialProblems(settings),
    ...userProblems(settings),
    ...deliveryProblems(settings),
    ...targetProblems(settings),
    ...subscriberProblems(settings),
  ];
}

function stackProblems({ project, stack }: Settings): readonly SettingProblem[] {
  const identifier = `${project}-${stack}-source-final`;
  if (/^[a-z](?:-?[a-z0-9])*$/.test(identifier) && identifier.length <= 63) return [];
  return [
    {
      key: "stack",
      value: stack,
      rule: "must be lower-case letters, digits and single hyphens, and short enough for RDS to name a cluster after it",
      fix: "pulumi stack init dev",
    },
  ];
}

function networkProblems({ flat }: Settings): readonly SettingProblem[] {
  const problems: SettingProblem[] = [];
  if (flat.vpcId !== "" && new Set(flat.subnetIds).size < 2) {
    problems.push({
      key: "subnetIds",
      value: shown(flat.subnetIds),
      rule: "must name at least two private subnets, in different zones, of the VPC that vpcId names",
      fix: "pulumi config set --path 'subnetIds[0]' subnet-0a1b2c3d4e5f60718",
    });
  }
  if (flat.vpcId === "" && flat.subnetIds.length > 0) {
    problems.push({
      key: "vpcId",
      rule: "must name the VPC that the subnets of subnetIds belong to",
      fix: "pulumi config set vpcId vpc-0a1b2c3d4e5f60718",
    });
  }
  if (flat.vpcId === "" && flat.secretsEndpointSecurityGroup !== "") {
    problems.push({
      key: "secretsEndpointSecurityGroup",
      value: flat.secretsEndpointSecurityGroup,
      rule: "must be empty without vpcId: a new VPC has no endpoint yet",
      fix: "pulumi config rm secretsEndpointSecurityGroup",
    });
  }
  return problems;
}

function credentialProblems({ flat, source }: Settings): readonly SettingProblem[] {
  const problems: SettingProblem[] = [];
  if (source.kind === "owned" && (flat.sourceSecretArn !== "" || flat.heartbeatSecretArn !== "")) {
    problems.push({
      key: flat.sourceSecretArn === "" ? "heartbeatSecretArn" : "sourceSecretArn",
      value: flat.sourceSecretArn === "" ? flat.heartbeatSecretArn : flat.sourceSecretArn,
      rule: "must be empty without sourceIdentifier: the users of a source of this stack's own log in with tokens",
      fix: "pulumi config rm sourceSecretArn && pulumi config rm heartbeatSecretArn",
    });
  } else if ((flat.sourceSecretArn === "") !== (flat.heartbeatSecretArn === "")) {
    const missing = flat.sourceSecretArn === "" ? "sourceSecretArn" : "heartbeatSecretArn";
    problems.push({
      key: missing,
      rule: "must be set with its companion: both users of the source log in the same way",
      fix: `pulumi config set ${missing} arn:aws:secretsmanager:eu-central-1:123456789012:secret:${missing}-AbCdEf`,
    });
  }
  return problems;
}

function userProblems({ flat }: Settings): readonly SettingProblem[] {
  const problems: SettingProblem[] = [];
  const list = (key: "auditedUsers" | "excludedUsers", rule: string): void => {
    problems.push({ key, value: shown(flat[key]), rule, fix: `pulumi config rm ${key}` });
  };
  if (flat.syncUser === flat.heartbeatUser) {
    problems.push({
      key: "heartbeatUser",
      value: flat.heartbeatUser,
      rule: "must differ from syncUser, whose statements are not in the log",
      fix: "pulumi config set heartbeatUser audit_sync_heartbeat",
    });
  }
  if (flat.auditedUsers.length > 0 && flat.excludedUsers.length > 0) {
    list("excludedUsers", "must be empty when auditedUsers is set: the audit log takes one list or the other");
  }
  if (flat.auditedUsers.includes(flat.syncUser)) {
    list("auditedUsers", "must not name syncUser: the sync would follow its own writes");
  }
  if (flat.excludedUsers.includes(flat.heartbeatUser)) {
    list("excludedUsers", "must not name heartbeatUser: its marker has to come back through the log");
  }
  for (const key of ["auditedUsers", "excludedUsers"] as const) {
    const length = [...flat[key], flat.syncUser, flat.heartbeatUser, "rdsadmin"].join(",").length;
    if (length > userListCharacters) {
      list(key, `must fit into ${userListCharacters} characters together with the users of the sync`);
    }
  }
  return problems;
}

function deliveryProblems({ flat, targets }: Settings): readonly SettingProblem[] {
  const problems: SettingProblem[] = [];
  const longest = flat.streamRetentionHours * secondsPerHour - secondsPerHour;
  if (flat.delivery === "stream" && flat.recordAgeSeconds > longest) {
    problems.push({
      key: "recordAgeSeconds",
      value: String(flat.recordAgeSeconds),
      // What falls off the end of the stream is gone; what Lambda gives up before that is in the failure destination.
      rule: `must be at most ${longest}, an hour less than streamRetentionHours, or records leave the stream unseen`,
      fix: `pulumi config set recordAgeSeconds ${longest}`,
    });
  }
  if (flat.delivery === "direct" && targets.length > subscriptionsPerLogGroup) {
    problems.push({
      key: "delivery",
      value: flat.delivery,
      rule: `must be stream for more than ${subscriptionsPerLogGroup} targets: a log group takes no more subscriptions`,
      fix: "pulumi config set delivery stream",
    });
  }
  if (flat.functionConcurrency === 0 || flat.functionConcurrency === 1) {
    problems.push({
      key: "functionConcurrency",
      value: String(flat.functionConcurrency),
      rule: "must be -1 (none reserved) or at least 2: the scheduled tick runs beside the records",
      fix: "pulumi config set functionConcurrency 2",
    });
  }
  return problems;
}

/** The name becomes part of names that RDS chooses its own rules for, and stands beside the stack's own. */
function targetProblems({ targets }: Settings): readonly SettingProblem[] {
  return targets.flatMap(({ name, database }, index) => {
    const problem = (rule: string): SettingProblem => ({
      key: `targets[${index}].name`,
      value: name,
      rule,
      fix: `pulumi config set --path 'targets[${index}].name' crm`,
    });
    return [
      ...(name === "source" ? [problem("must not be source, which is what the stack calls the other side")] : []),
      ...(name === "delivery" || name.endsWith("-delivery")
        ? [problem("must not end with delivery: its alarms would have the names of the subscription's")]
        : []),
      ...(database.kind === "owned" && !/^[a-z](?:-?[a-z0-9])*$/.test(name)
        ? [
            problem(
              "must have single hyphens, none of them at the end: RDS names a database of this stack's own after it",
            ),
          ]
        : []),
    ];
  });
}

function subscriberProblems({ flat: { alarmSubscribers } }: Settings): readonly SettingProblem[] {
  if (new Set(alarmSubscribers).size === alarmSubscribers.length) return [];
  const rule = "must name every subscriber once";
  return [
    {
      key: "alarmSubscribers",
      value: shown(alarmSubscribers),
      rule,
      fix: "pulumi config rm --path 'alarmSubscribers[1]'",
    },
  ];
}
