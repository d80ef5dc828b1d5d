/** The environment of a stand-in, as `process.env` or as a table in a test. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of a variable; `fallback` when it is unset or empty (compose writes `VAR=` for an unset variable). */
export function text(env: Environment, name: string, fallback = ''): string {
  const value = env[name];
  return value === undefined || value === '' ? fallback : value;
}

/** The value of a variable as a whole number; `fallback` when unset or empty. Throws an Error that names the variable. */
export function integer(env: Environment, name: string, fallback: number): number {
  const value = text(env, name);
  if (value === '') return fallback;
  if (!/^-?\d+$/.test(value.trim())) throw new Error(`${name} is no whole number: "${value}"`);
  return Number(value);
}

/** The value of a variable as a yes or no, in the words that Dify's settings take (true, 1, yes, on). */
export function flag(env: Environment, name: string, fallback: boolean): boolean {
  const value = text(env, name).toLowerCase();
  return value === '' ? fallback : ['true', '1', 'yes', 'on', 't', 'y'].includes(value);
}
