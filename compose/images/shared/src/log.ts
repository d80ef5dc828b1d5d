/** Writes one line for `docker logs`, with the time in UTC first. */
export function log(message: string): void {
  process.stdout.write(`${new Date().toISOString()} ${message}\n`);
}

/** The message of whatever was thrown, in one line. A connection error of several addresses has its message in its parts. */
export function reason(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map(reason).join('; ');
  if (error instanceof Error) {
    const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
    return `${code}${error.message}`.replaceAll('\n', ' ');
  }
  return String(error);
}
