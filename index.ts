import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { auditedUsers, needsSecrets, ownerScripts } from "./infra/accounts";
import { DatabaseUsers } from "./infra/databaseUsers";
import { createDelivery } from "./infra/delivery";
import { defaultTags } from "./infra/deployment";
import { chooseKey } from "./infra/encryptionKey";
import { Monitoring } from "./infra/monitoring";
import { Network } from "./infra/network";
import { ownerSteps as stepsOfOwners } from "./infra/ownerSteps";
import { loadSettings } from "./infra/settings";
import { SourceCluster } from "./infra/sourceCluster";
import {
  createSyncFunctions,
  createTargetDatabases,
  failureBucketNames,
  functionNames,
  ownedAccounts,
} from "./infra/targets";

const settings = loadSettings();
const { flat, project, stack: environment, region } = settings;
const tags = defaultTags(project, environment, flat.owner);
const provider = new aws.Provider("aws", { region, defaultTags: { tags } });
const opts = { providers: [provider] };
const deployment = {
  project,
  stack: environment,
  region,
  accountId: aws.getCallerIdentityOutput({}, { provider }).accountId,
};

const key = chooseKey(flat.encryptionKey, { deployment, protectData: flat.protectData }, opts);
const network = new Network("network", { deployment, settings: flat, needsSecrets: needsSecrets(settings) }, opts);
const shared = { deployment, settings, network, ...key };
const users = auditedUsers(settings);

const source = new SourceCluster("source", { ...shared, users }, opts);
const { auditLog } = source;
const targets = createTargetDatabases(shared, opts);
const databases = ownedAccounts(settings, source, targets);
const { ready } = new DatabaseUsers("users", { ...shared, databases }, opts);
const { feed, stream: auditStream } = createDelivery(shared, source, opts);
const followers = createSyncFunctions({ ...shared, source, targets, feed, dependsOn: ready }, opts);
const monitoring = new Monitoring("monitoring", { ...shared, auditLog, stream: auditStream, followers }, opts);

/** Function of each target, and the bucket of what it could not process: what the commands of `npm run sync` work on. */
export const functions = functionNames(followers);
export const failureBuckets = failureBucketNames(followers);
/** The way of the changes. */
export const sourceHost = source.connection.host;
export const auditLogGroup = auditLog.name;
export const stream = auditStream?.name;
/** What people look at. */
export const dashboard = pulumi.interpolate`https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${monitoring.dashboardName}`;
export const alarmTopic = monitoring.topicArn;
/** What the owners of databases that this stack did not create do by hand, and the SQL that they run. */
export const functionsSecurityGroup = network.functionsSecurityGroupId;
export const ownerSteps = stepsOfOwners(settings, users, network.functionsSecurityGroupId);
export const databaseUsers = ownerScripts(settings);
