import { type Mariadb } from "../../local/mariadb";
import { createWorkspace } from "../../local/workspace";
import { startBareSource, startFollower, startSource } from "./servers";
import { type FollowerSettings, SyncFollower } from "./syncFollower";

/** Everything that one section starts; it ends with the section. */
export class Rig {
  readonly path: string;
  readonly #ends: (() => Promise<void>)[] = [];

  private constructor(path: string) {
    this.path = path;
  }

  static async hold<T>(work: (rig: Rig) => Promise<T>): Promise<T> {
    const workspace = createWorkspace();
    const rig = new Rig(workspace.path);
    try {
      return await work(rig);
    } finally {
      for (const end of rig.#ends.reverse()) await end();
      workspace.remove();
    }
  }

  async source(): Promise<Mariadb> {
    return this.#keep(await startSource(this.path));
  }

  /** A source with what is named and nothing else, to see what it costs. */
  async bare(name: string, parts: { readonly audit?: boolean; readonly binlog?: boolean }): Promise<Mariadb> {
    return this.#keep(await startBareSource(this.path, name, parts));
  }

  async follower(name: string): Promise<Mariadb> {
    return this.#keep(await startFollower(this.path, name));
  }

  async sync(settings: Omit<FollowerSettings, "folder">): Promise<SyncFollower> {
    const follower = await SyncFollower.start({ ...settings, folder: `${this.path}/function` });
    this.#ends.push(() => follower.close());
    return follower;
  }

  #keep(server: Mariadb): Mariadb {
    this.#ends.push(() => server.remove());
    return server;
  }
}
