import type * as pulumi from "@pulumi/pulumi";
import { AuditStream } from "./auditStream";
import type { SourceCluster } from "./sourceCluster";
import type { Feed } from "./syncFeed";
import type { Shared } from "./shared";

export interface Delivery {
  readonly feed: Feed;
  /** Absent with direct delivery. */
  readonly stream: AuditStream | undefined;
}

/** The way from the audit log to the functions that the configuration chooses. */
export function createDelivery(
  { deployment, settings: { flat }, keyArn }: Shared,
  { auditLog }: SourceCluster,
  opts: pulumi.ComponentResourceOptions,
): Delivery {
  if (flat.delivery === "direct") return { feed: { type: "direct", auditLog }, stream: undefined };
  const key = keyArn === undefined ? {} : { keyArn };
  const stream = new AuditStream(
    "audit",
    { deployment, auditLog, settings: flat, protectData: flat.protectData, ...key },
    opts,
  );
  return { feed: { type: "stream", streamArn: stream.arn }, stream };
}
