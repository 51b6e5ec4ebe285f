import { expect } from "chai";
import { refusal } from "../infra/settings/load";

/** What `pulumi preview` says about a stack that could not work; test/infra/settings has every key. */
describe("a mistake in a stack's configuration", () => {
  it("is answered: no region", async () => {
    expect(await refusal({}, { region: "" })).to.equal(
      [
        "the configuration of this stack cannot be deployed:",
        "  - aws:region: must be the AWS region to deploy to",
        "    mend it with: pulumi config set aws:region eu-central-1",
      ].join("\n"),
    );
  });

  it("is answered: a stack that has no configuration yet, as when the wrong one is selected", async () => {
    const message = await refusal({ targets: undefined }, { region: "" });

    expect(message).to.contain("aws:region: must be the AWS region to deploy to");
    expect(message).to.contain("audit-sync:targets: needs at least one target");
  });

  it("is answered: a stack's name that RDS cannot carry", async () => {
    expect(await refusal({}, { stack: "Prod_EU" })).to.contain(
      "audit-sync:stack = Prod_EU: must be lower-case letters, digits and single hyphens",
    );
  });

  it("is answered: a table without its database, and everything else that is wrong, at once", async () => {
    const routes = [{ source: "orders" }];
    const message = await refusal({ targets: [{ name: "crm", database: { engine: "mysql" }, routes }], batchSize: 0 });

    expect(message).to.contain("audit-sync:targets[0].routes[0].source: is the table's full name, <database>.<table>");
    expect(message).to.contain("audit-sync:batchSize = 0: must be");
    expect(message).to.contain("pulumi config set batchSize");
  });
});
