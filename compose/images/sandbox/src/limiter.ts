/** Runs the task when there is room; undefined when too many wait already. */
export type Limiter = <T>(task: () => Promise<T>) => Promise<T | undefined>;

/** Lets at most `maxWorkers` tasks run at once and takes at most `maxRequests`, waiting ones included. */
export function limiter(maxRequests: number, maxWorkers: number): Limiter {
  let taken = 0;
  let free = Math.max(1, maxWorkers);
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (taken >= maxRequests) return undefined;
    taken += 1;
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      taken -= 1;
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
