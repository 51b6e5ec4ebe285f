import { readFileSync, readdirSync } from "node:fs";
import { expect } from "chai";
import * as v from "valibot";
import { parse } from "yaml";
import { projectRoot } from "./stackFiles";

const folder = `${projectRoot}/.github/workflows`;

const job = v.object({
  uses: v.optional(v.string()),
  environment: v.optional(v.string()),
  permissions: v.record(v.string(), v.string()),
  steps: v.optional(v.array(v.looseObject({ uses: v.optional(v.string()), with: v.optional(v.looseObject({})) })), []),
});
const workflow = v.object({
  on: v.looseObject({}),
  permissions: v.strictObject({}),
  jobs: v.record(v.string(), job),
});

function read(name: string): v.InferOutput<typeof workflow> {
  return v.parse(workflow, parse(readFileSync(`${folder}/${name}`, "utf8")));
}

describe("the workflows", () => {
  it("pin every action of others to a commit and say which release it is", () => {
    for (const name of readdirSync(folder)) {
      for (const [line, action = ""] of readFileSync(`${folder}/${name}`, "utf8").matchAll(/^.*uses: (\S+).*$/gm)) {
        if (!action.startsWith("./")) expect(line, name).to.match(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
      }
    }
  });

  it("give no job more than it needs", () => {
    const granted = readdirSync(folder).flatMap((name) =>
      Object.entries(read(name).jobs).map(([key, { permissions }]) => [`${name} ${key}`, permissions] as const),
    );
    const deploy = { contents: "read", "id-token": "write" };

    expect(Object.fromEntries(granted)).to.deep.equal({
      "check.yml check": { contents: "read" },
      "deploy.yml dev": deploy,
      "deploy.yml prod": deploy,
      "preview.yml preview": { ...deploy, "pull-requests": "write" },
      "up.yml up": deploy,
    });
  });

  it("check pushes, preview pull requests and deploy main", () => {
    expect(read("check.yml").on).to.deep.equal({ push: null });
    expect(read("preview.yml").on).to.deep.equal({ pull_request: null });
    expect(read("deploy.yml").on).to.deep.equal({ push: { branches: ["main"] } });
    expect(read("up.yml").on).to.have.all.keys("workflow_call");
  });

  it("bring a stack up inside the environment of its name, whose approval it waits for", () => {
    expect(read("up.yml").jobs["up"]?.environment).to.equal("${{ inputs.stack }}");
  });

  it("put the preview on the pull request", () => {
    const steps = read("preview.yml").jobs["preview"]?.steps ?? [];
    const pulumi = steps.find(({ uses }) => uses?.startsWith("pulumi/actions@"));

    expect(pulumi?.with).to.deep.include({ command: "preview", "comment-on-pr": true });
  });
});
