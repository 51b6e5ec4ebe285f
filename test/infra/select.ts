/** Finds things in a deployment. */
import type { Deployed, Registered } from "./deploy";

type Deployment = Pick<Deployed<unknown>, "resources">;

export function resource({ resources }: Deployment, type: string, name: string): Registered {
  const found = resources.filter((candidate) => candidate.type.endsWith(`:${type}`) && candidate.name === name);
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} resources are a ${type} ${name}`);
  return only;
}

export function inputs(deployment: Deployment, type: string, name: string): Registered["inputs"] {
  return resource(deployment, type, name).inputs;
}

/** `<type> <name>` of every resource, without Pulumi's module path. */
export function inventory({ resources }: Deployment): readonly string[] {
  return resources.map(title).sort();
}

export function title({ type, name }: Pick<Registered, "type" | "name">): string {
  return `${type.split(":").at(-1) ?? ""} ${name}`;
}

export function ofType({ resources }: Deployment, type: string): readonly Registered[] {
  return resources.filter((candidate) => candidate.type.endsWith(`:${type}`));
}

/** What one deployment has and another lacks. */
export function beyond(deployment: Deployment, base: Deployment): readonly string[] {
  const known = new Set(inventory(base));
  return inventory(deployment).filter((entry) => !known.has(entry));
}
