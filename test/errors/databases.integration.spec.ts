import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { type AddressInfo } from "node:net";
import { join } from "node:path";
import { adviceFor, SyncError } from "../../handler/errors";
import { Session } from "../../handler/sql/connection";
import { connectionOptions } from "../../handler/sql/credentials";
import { startMariadb, type Mariadb } from "../../local/mariadb";
import { createWorkspace } from "../../local/workspace";

const workspace = createWorkspace();

/** What a function's log says about a database that it cannot work with, and what it says to do. */
describe("a database that cannot be used", function () {
  this.timeout(120_000);
  let server: Mariadb;
  let root: Session;
  let secrets: Server;
  let secretAnswer: { readonly status: number; readonly body: unknown };

  before(async () => {
    const [key, certificate] = [join(workspace.path, "key.pem"), join(workspace.path, "certificate.pem")];
    const subject = ["-subj", "/CN=database", "-days", "2"];
    const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate];
    execFileSync("openssl", [...request, ...subject], { stdio: "ignore" });
    server = await startMariadb({
      name: "server",
      parentDir: workspace.path,
      options: { "ssl-cert": certificate, "ssl-key": key },
    });
    root = await Session.open("server", server.rootConnection, []);
    for (const sql of [
      "CREATE DATABASE crm",
      "CREATE TABLE crm.orders (id INT PRIMARY KEY)",
      "CREATE USER audit_sync@'%' IDENTIFIED BY 'right'",
      "GRANT SELECT ON crm.* TO audit_sync@'%'",
    ]) {
      await root.run(sql, "preparing a test");
    }
    secretAnswer = { status: 200, body: {} };
    secrets = createServer((_, response) => {
      response.writeHead(secretAnswer.status, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify(secretAnswer.body));
    }).listen(0, "127.0.0.1");
    await once(secrets, "listening");
    process.env["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = `http://127.0.0.1:${(secrets.address() as AddressInfo).port}`;
    process.env["AWS_REGION"] ??= "us-east-1";
    process.env["AWS_ACCESS_KEY_ID"] ??= "test";
    process.env["AWS_SECRET_ACCESS_KEY"] ??= "test";
  });
  after(async () => {
    delete process.env["AWS_ENDPOINT_URL_SECRETS_MANAGER"];
    secrets.close();
    await root.close();
    await server.remove();
    workspace.remove();
  });

  async function open(variables: Readonly<Record<string, string>>): Promise<Session> {
    const all = {
      HOST: "127.0.0.1",
      PORT: String(server.port),
      USER: "audit_sync",
      AUTH: "password",
      PASSWORD: "right",
      TLS: "off",
      ...variables,
    };
    const environment = Object.fromEntries(Object.entries(all).map(([name, value]) => [`TARGET_${name}`, value]));
    return await Session.open("target", await connectionOptions("TARGET", environment)(), []);
  }

  async function told(work: () => Promise<unknown>): Promise<string> {
    try {
      await work();
    } catch (error) {
      expect(error).to.be.instanceOf(SyncError);
      const { code, message } = error as SyncError;
      return `${code} | ${message} | ${adviceFor(code)}`;
    }
    throw new Error("accepted");
  }

  it("says that the password is wrong", async () => {
    expect(await told(() => open({ PASSWORD: "wrong" }))).to.equal(
      "GRANT_MISSING | connecting to the target: ER_ACCESS_DENIED_ERROR (1045) | let the database's owner run the SQL of the stack output databaseUsers, and see that the user logs in as configured (IAM token or secret)",
    );
  });

  it("says which right is missing, and never a row", async () => {
    const session = await open({});
    try {
      const message = await told(() => session.run("INSERT INTO crm.orders VALUES (4711)", "writing crm.orders"));

      expect(message).to.match(
        /^GRANT_MISSING \| writing crm\.orders at the target: ER_TABLEACCESS_DENIED_ERROR \(1142\) \| let the database's owner run the SQL of the stack output databaseUsers/u,
      );
      expect(message).to.not.contain("4711");
    } finally {
      await session.close();
    }
  });

  for (const tls of ["rds", "system"]) {
    it(`says that the certificate is of another authority than ${tls}`, async () => {
      expect(await told(() => open({ TLS: tls }))).to.match(
        /^CERTIFICATE_REFUSED \| connecting to the target: HANDSHAKE_SSL_ERROR: self-signed certificate.* \| say in the database's tls setting whose authorities signed its certificate \(rds or system\)/u,
      );
    });
  }

  it("says that nothing listens there", async () => {
    expect(await told(() => open({ PORT: "1" }))).to.equal(
      "DATABASE_UNAVAILABLE | connecting to the target: ECONNREFUSED | it is tried again; if it lasts, see that the database is up and that its security group lets the stack output functionsSecurityGroup in",
    );
  });

  it("says that the host's name is not known", async () => {
    expect(await told(() => open({ HOST: "crm.invalid" }))).to.match(
      /^DATABASE_UNAVAILABLE \| connecting to the target: (?:ENOTFOUND|EAI_AGAIN) \| it is tried again/u,
    );
  });

  it("names the variable that is not set", async () => {
    expect(await told(() => open({ HOST: "" }))).to.equal(
      "CONFIGURATION_INVALID | the environment variable TARGET_HOST is not set | mend the configuration that the message names, and deploy again",
    );
  });

  const secretArn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:crm-AbCdEf";

  it("names the secret that may not be read, and the permission", async () => {
    secretAnswer = { status: 400, body: { __type: "AccessDeniedException", Message: "no" } };

    expect(await told(() => open({ AUTH: "secret", SECRET_ARN: secretArn }))).to.match(
      /^GRANT_MISSING \| the secret arn:aws:secretsmanager:.*-AbCdEf cannot be read: AccessDeniedException; the function's role needs secretsmanager:GetSecretValue on it \|/u,
    );
  });

  it("names the secret that does not exist", async () => {
    secretAnswer = { status: 400, body: { __type: "ResourceNotFoundException", Message: "no" } };

    expect(await told(() => open({ AUTH: "secret", SECRET_ARN: secretArn }))).to.contain(
      "cannot be read: ResourceNotFoundException",
    );
  });

  it("says how a secret has to look, and nothing of what is in it", async () => {
    secretAnswer = { status: 200, body: { SecretString: '{"user":"root","pass":"hunter2"}' } };

    const message = await told(() => open({ AUTH: "secret", SECRET_ARN: secretArn }));

    expect(message).to.contain('is not JSON with "username" and "password"');
    expect(message).to.not.contain("hunter2");
  });
});
