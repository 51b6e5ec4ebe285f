import { type ExecutionEnvironment } from "../function/functionProcess";
import { forward, type Proxy, startProxy } from "../function/proxy";
import { type DatabaseSide, type Trouble, TroubleMaker } from "./invocationChaos";

/**
 * Starts an execution environment whose ways to its databases lead through proxies, so that trouble can strike between
 * any two of its statements.
 */
export async function startTroubledProcess(
  ports: Readonly<Record<DatabaseSide, number>>,
  nextTrouble: () => Trouble,
  start: (proxied: Readonly<Record<DatabaseSide, number>>) => Promise<ExecutionEnvironment>,
): Promise<ExecutionEnvironment> {
  let current: TroubleMaker | undefined;
  const proxy = async (side: DatabaseSide): Promise<Proxy> =>
    await startProxy(ports[side], (statement) => current?.decide(side, statement) ?? forward);
  const source = await proxy("SOURCE");
  const target = await proxy("TARGET");
  const inner = await start({ SOURCE: source.port, TARGET: target.port });
  const closeProxies = (): void => {
    source.close();
    target.close();
  };
  return {
    pid: inner.pid,
    get running() {
      return inner.running;
    },
    invoke: async (event) => {
      const trouble = nextTrouble();
      current = new TroubleMaker(trouble, inner.kill);
      const timer = trouble.kind === "killLater" ? setTimeout(inner.kill, trouble.delayMs) : undefined;
      try {
        return await inner.invoke(event);
      } finally {
        clearTimeout(timer);
        current = undefined;
        if (!inner.running) closeProxies();
      }
    },
    kill: inner.kill,
    close: async () => {
      await inner.close();
      closeProxies();
    },
  };
}
