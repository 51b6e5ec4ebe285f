import { expect } from "chai";
import { sourceGrants, type Account } from "../../../handler/contract/databaseUsers";
import { parseTargets } from "../../../handler/contract/routes";
import { SyncError } from "../../../handler/errors";
import { parseRequest } from "../../../handler/users/plan";

const account: Account = {
  name: "audit_sync",
  identification: { type: "iam" },
  grants: sourceGrants("mysql", parseTargets([{ name: "crm", routes: [{ source: "shop.orders" }] }])[0]!.routes),
};
const request = { host: "db.internal", port: 3306, administratorSecretArn: "arn:secret", accounts: [account] };

describe("parseRequest", () => {
  it("takes what the infrastructure sends", () => {
    expect(parseRequest(JSON.parse(JSON.stringify(request)))).to.deep.equal(request);
  });

  it("refuses a password, which the stack's state would keep", () => {
    const accounts = [{ ...account, identification: { type: "password", password: "x" } }];

    expect(() => parseRequest({ ...request, accounts })).to.throw(SyncError, "accounts.0.identification.type");
  });

  it("refuses a privilege that is more than words", () => {
    const accounts = [{ ...account, grants: [{ privileges: ["SELECT ON *.* TO root, INSERT"] }] }];

    expect(() => parseRequest({ ...request, accounts })).to.throw(SyncError, "accounts.0.grants.0.privileges.0");
  });

  it("refuses an unknown key, which a later version of this project may mean something by", () => {
    expect(() => parseRequest({ ...request, drop: true })).to.throw(SyncError, "drop");
  });
});
