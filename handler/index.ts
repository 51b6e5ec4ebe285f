export function handler(): Promise<never> {
  return Promise.reject(new Error("the sync is not wired yet"));
}
