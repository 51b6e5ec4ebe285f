/** Runs resource-creating code against mocks and records everything that it asks the engine for. */
import * as pulumi from "@pulumi/pulumi";
import { callResult, stateOf } from "./mockedAws";

type Inputs = Readonly<Record<string, unknown>>;

/** A resource as it was registered. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  /** `<type> <name>`; `undefined` for what stands at the top of the stack. */
  readonly parent: string | undefined;
  readonly custom: boolean;
  readonly inputs: Inputs;
  readonly protect: boolean;
  /** Name of its explicit provider. */
  readonly provider: string | undefined;
  /** `<type> <name>` of what it waits for. */
  readonly dependsOn: readonly string[];
}

export interface Deployed<T> {
  readonly result: T;
  readonly resources: readonly Registered[];
  readonly calls: readonly { readonly token: string; readonly inputs: Inputs }[];
  /** Calls that the mocks know no answer to: must be empty. A mock that throws instead may be swallowed. */
  readonly unexpectedCalls: readonly string[];
}

export interface DeployOptions {
  readonly stack: string;
  /** `namespace:key` → value as in a stack file. */
  readonly config: Inputs;
  /** Outputs that AWS computes stay unknown. Default: false. */
  readonly preview?: boolean;
}

/** What the program asks of the engine; the parts of the request that a mock does not get to see. */
interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getProtect(): boolean;
  getProvider(): string;
  getDependenciesList(): string[];
}

interface Monitor {
  registerResource(request: RegisterRequest, callback: unknown): unknown;
}

/** `disconnect` waits until every registration has been made, so nothing here sleeps. */
export async function deploy<T>(
  build: () => T,
  { stack, config, preview = false }: DeployOptions,
): Promise<Deployed<T>> {
  const inputsOf = new Map<string, Inputs>();
  const requests: RegisterRequest[] = [];
  const calls: { token: string; inputs: Inputs }[] = [];
  const unexpectedCalls: string[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        inputsOf.set(`${type} ${name}`, inputs as Inputs);
        return stateOf(type, name, inputs as Inputs, preview);
      },
      call: ({ token, inputs }) => {
        calls.push({ token, inputs: inputs as Inputs });
        const result = callResult(token, inputs as Inputs);
        if (result === undefined) unexpectedCalls.push(token);
        return result ?? {};
      },
    },
    "audit-sync",
    stack,
    preview,
  );
  recordRequests(requests);
  pulumi.runtime.setAllConfig(asText(config));
  const result = build();
  await pulumi.runtime.disconnect();
  const resources = requests.map((request) => registered(request, inputsOf));
  return { result, resources, calls, unexpectedCalls };
}

function recordRequests(requests: RegisterRequest[]): void {
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    requests.push(request);
    return register(request, callback);
  };
}

function registered(request: RegisterRequest, inputsOf: ReadonlyMap<string, Inputs>): Registered {
  const key = `${request.getType()} ${request.getName()}`;
  return {
    type: request.getType(),
    name: request.getName(),
    parent: request.getParent() === "" ? undefined : typeAndName(request.getParent()),
    custom: request.getCustom(),
    inputs: inputsOf.get(key) ?? {},
    protect: request.getProtect(),
    // A provider reference is its URN, two colons and its id.
    provider: request.getProvider() === "" ? undefined : request.getProvider().split("::").at(3),
    dependsOn: request.getDependenciesList().map(typeAndName).sort(),
  };
}

/** `urn:pulumi:<stack>::<project>::<parent type>$<type>::<name>` */
function typeAndName(urn: string): string {
  const [, , types = "", name = ""] = urn.split("::");
  return `${types.split("$").at(-1) ?? ""} ${name}`;
}

/** Pulumi hands every value over as text, structured ones as JSON. */
function asText(config: Inputs): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}
