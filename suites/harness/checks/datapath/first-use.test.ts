import { describe, expect, test } from 'vitest';
import { indexDocuments } from '../../../../compose/images/dify-api/src/celery/indexing.ts';
import { serve } from '../../../../compose/images/shared/src/http-server.ts';
import {
  firstUse,
  proveUse,
  recordFirstUse,
  type FrontAddress,
} from '../../../../fixtures/checks/datapath/first-use.ts';
import { neighbourhood, runsCode, type Neighbourhood } from '../../standins/standin-neighbours.ts';

/** The api's own secret in the neighbourhood. */
const secretKey = 'recorded';
/** The proxy of the neighbourhood answers everything so. */
const target = { url: 'http://198.51.100.2/verify', mark: 'reached' };

const hasPydantic = (version: string) => Number(version.split('.')[1]) >= 11;

interface Served extends AsyncDisposable {
  around: Neighbourhood;
  address: FrontAddress;
}

/** The api's stand-in behind a port, with a worker that works as soon as it is sent something. */
async function served({ ran = runsCode, worker = true, release = '1.5.0' } = {}): Promise<Served> {
  const around = await neighbourhood({ DIFY_VERSION: release }, ran);
  if (worker) {
    around.stores.tasks.send = (_task, _queue, [dataset, documents]) =>
      indexDocuments(around.stores, dataset as string, documents as string[]);
  }
  const server = await serve(around.api, { host: '127.0.0.1', port: 0 });
  return {
    around,
    address: { host: '127.0.0.1', port: server.port },
    [Symbol.asyncDispose]: async () => {
      await server.stop(1_000);
      await around[Symbol.asyncDispose]();
    },
  };
}

describe('a first use of the api’s stand-in', () => {
  // The releases at which the way of the first use changed, and the one before each.
  test.for(['1.5.0', '1.7.2', '1.8.0', '1.9.1', '1.9.2', '1.10.0', '1.10.1', '1.11.1', '1.11.2', '1.12.0', '1.13.3'])(
    '%s: what its users do is done, and proved by another client',
    { timeout: 60_000 },
    async (version) => {
      await using stack = await served({ release: version });
      const { use, steps, release } = await recordFirstUse(stack.address, { secretKey, target });
      const failed = Object.entries(steps).filter(([, { state }]) => state !== 'done');
      // What pydantic says of a query without a signature is not known, and said so.
      const unknown = failed.filter(([, step]) => step.state === 'not-known').map(([name]) => name);
      expect(failed.filter(([name]) => !unknown.includes(name))).toEqual([]);
      expect(unknown).toEqual(hasPydantic(version) ? ['preview-unsigned'] : []);
      expect(release).toBe(version);
      const { proofs } = await proveUse(stack.address, use, { secretKey });
      expect(Object.values(proofs).filter((proof) => proof !== null)).toEqual([]);
    },
  );

  test('every step is done, and what it left is proved by another client', async () => {
    await using stack = await served();
    const { use, steps, release, journal } = await recordFirstUse(stack.address, { secretKey, target });
    const wrong = Object.entries(steps).filter(([, seen]) => seen.state !== 'done');
    expect(wrong).toEqual([]);
    expect(release).toBe('1.5.0');
    expect(use.dataset.indexing).toMatchObject({ status: 'completed', error: '' });
    // Sent again after a restart: the same plain data.
    const kept = JSON.parse(JSON.stringify(use)) as typeof use;
    const { proofs } = await proveUse(stack.address, kept, { secretKey });
    expect(proofs).toEqual({ login: null, apps: null, run: null, secret: null, preview: null, retrieval: null });
    const told = JSON.stringify(journal);
    for (const secret of [use.account.password, use.app.key, use.workflow.secret]) expect(told).not.toContain(secret);
  });

  test('on a stack that is set up it starts with the account that is known', async () => {
    await using stack = await served();
    const { account } = await firstUse(stack.address, { secretKey });
    const again = await recordFirstUse(stack.address, { secretKey }, account);
    expect(again.steps.setup?.state).toBe('done-before');
    expect(again.steps.login?.state).toBe('done');
    await expect(firstUse(stack.address, { secretKey })).rejects.toThrow(
      /^first use: setup: POST \/console\/api\/setup was answered 403 .*already_setup/,
    );
  });

  test('a sandbox that refuses: the code’s node is named, what comes after is not tried, the rest is', async () => {
    await using stack = await served({ ran: () => ({ status: 401, headers: {}, body: '' }) });
    const { steps } = await recordFirstUse(stack.address, { secretKey, target });
    expect(steps['code-node']).toMatchObject({ state: 'failed', problem: expect.stringContaining('failed') as string });
    expect(steps['run']).toEqual({ state: 'not-tried', because: 'code-node' });
    expect(steps['retrieval']?.state).toBe('done');
  });
});

describe('what was lost is told', () => {
  test('another password, another secret key, another app key, an empty dataset', async () => {
    await using stack = await served();
    const use = await firstUse(stack.address, { secretKey, target });
    const lost = {
      ...use,
      account: { ...use.account, password: 'another1234' },
      app: { ...use.app, key: 'app-another0another0another' },
    };
    const { proofs } = await proveUse(stack.address, lost, { secretKey: 'another' });
    expect(proofs.login).toMatch(/^400 /);
    expect(proofs.apps).toBe('not asked: the login failed');
    expect(proofs.run).toMatch(/^401 /);
    expect(proofs.secret).toMatch(/^401 /);
    expect(proofs.preview).toMatch(/where 200 was due/);
    expect(proofs.retrieval).toBe('not asked: the login failed');
  });

  test('a secret that decrypts to something else, bytes that are others, a hit that is gone', async () => {
    await using stack = await served();
    const use = await firstUse(stack.address, { secretKey, target });
    const other = {
      ...use,
      workflow: { ...use.workflow, secret: 'something else' },
      file: { ...use.file, text: 'other bytes' },
      dataset: { ...use.dataset, query: 'neverwritten' },
    };
    const { proofs } = await proveUse(stack.address, other, { secretKey });
    expect(proofs).toMatchObject({ login: null, apps: null });
    expect(proofs.secret).toBe('the secret is not the one that was saved');
    expect(proofs.preview).toMatch(/not those of the upload/);
    expect(proofs.retrieval).toMatch(/^0 hits for "neverwritten"/);
  });

  test('a target that is gone is no fault of the stack', async () => {
    await using stack = await served();
    const use = await firstUse(stack.address, { secretKey, target });
    use.workflow.target = { url: 'http://198.51.100.2/verify', mark: 'a mark that nobody gives' };
    const of = async (sameTarget: boolean) =>
      (await proveUse(stack.address, use, { secretKey, sameTarget })).proofs.run;
    expect(await of(true)).toMatch(/not the mark of that server/);
    expect(await of(false)).toBeNull();
  });
});
