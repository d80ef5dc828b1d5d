import type { LoggedRequest } from '../../fixtures/stack/nginx-log.ts';
import type { Joined } from '../../fixtures/traffic/ledger.ts';

export const A = '172.18.0.4';
export const B = '172.18.0.5';
export const C = '172.18.0.6';

/** A line of nginx's log; each try is address, status and bytes written. */
export function line({
  tries,
  ms = 5,
  id = 'x',
}: {
  tries: [string, number | null, number | null][];
  ms?: number;
  id?: string;
}): LoggedRequest {
  return {
    id,
    requestId: '',
    timeMs: 0,
    method: 'GET',
    uri: '/v1/chat-messages',
    status: 200,
    upstreamAddr: tries.map(([address]) => `${address}:5001`),
    upstreamStatus: tries.map(([, status]) => status),
    upstreamSent: tries.map(([, , bytes]) => bytes),
    requestTimeMs: ms,
    host: '127.0.0.1',
  };
}

/** An answered GET, with what a case needs to be different. */
export function joined(over: Partial<Joined>): Joined {
  return {
    id: 'x',
    target: 't',
    method: 'GET',
    dueMs: 0,
    sentMs: 0,
    endedMs: 5,
    outcome: 'answered',
    status: 200,
    log: line({ tries: [[over.server ?? A, 200, 9]] }),
    end: 'ok',
    tookMs: 5,
    server: A,
    ...over,
  };
}

/** So many alike. */
export function many(count: number, over: Partial<Joined>): Joined[] {
  return Array.from({ length: count }, () => joined(over));
}
