import { DeleteObjectCommand, GetObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { UsageError } from "./arguments";
import type { FailureStore } from "./failures";

/** The S3 bucket that is a function's failure destination. */
export function failureBucket(bucket: string, region: string | undefined): FailureStore {
  const client = new S3Client({
    ...(region === undefined ? {} : { region }),
    // An endpoint of one's own (LocalStack, MinIO) has no host name for each bucket.
    forcePathStyle: ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"].some((name) => process.env[name] !== undefined),
  });
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw new UsageError(`the failure bucket ${bucket} cannot be used: ${(error as Error).message}`);
    }
  };
  return {
    list: () =>
      attempt(async () => {
        const objects: { readonly key: string; readonly time: number }[] = [];
        for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket })) {
          for (const { Key: key, LastModified: time } of page.Contents ?? []) {
            if (key !== undefined) objects.push({ key, time: time?.getTime() ?? 0 });
          }
        }
        return objects.sort((a, b) => a.time - b.time).map(({ key }) => key);
      }),
    read: (key) =>
      attempt(async () => {
        const { Body: body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return (await body?.transformToString("utf8")) ?? "";
      }),
    remove: (key) =>
      attempt(async () => {
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
      }),
  };
}
