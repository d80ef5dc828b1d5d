import { describe, expect, test } from 'vitest';
import { difyApi } from '../../compose/images/dify-api/src/app.ts';
import { indexDocuments } from '../../compose/images/dify-api/src/celery/indexing.ts';
import { readSettings } from '../../compose/images/dify-api/src/settings.ts';
import type { Stores } from '../../compose/images/dify-api/src/stores/stores.ts';
import {
  jsonRequest,
  recordedCalls,
  recordedShape,
  shapeOf,
  signIn,
  textOf,
  uploadRequest,
  type RecordedCall,
} from '../../fixtures/harness/first-use.ts';
import { memoryKnowledge, type SentTask } from './standin-memory-knowledge.ts';
import { memoryStores } from './standin-memory-stores.ts';

const settings = readSettings({ SECRET_KEY: 'recorded' });
const all = recordedCalls();
const calls = all.slice(all.findIndex(({ path }) => path === '/console/api/datasets'));
/** 57 bytes, as the file that was uploaded when the answers were recorded. */
const note = 'The quick brown fox verifies the stack.\n\nBackups restore.';

describe('a first use of the api, from the new dataset to the preview of the file', () => {
  test('every call in its order is answered as recorded', async () => {
    const sent: SentTask[] = [];
    const stores = { ...memoryStores(), ...memoryKnowledge(sent) };
    const api = difyApi({ settings, stores });
    const token = await signIn(api);
    const names = new Map<string, string>();
    const worker = workerInSteps(stores, sent);
    const seen: unknown[] = [];
    for (const call of calls) {
      if (call.path.endsWith('/indexing-status')) await worker.until(statusIn(call));
      const answer = await api(await requestOf(call, names, token));
      seen.push(shapeOf(answer, call));
      learn(names, call, textOf(answer));
    }
    expect(calls.length).toBe(11);
    expect(seen).toEqual(calls.map(recordedShape));
    expect(sent).toEqual([
      {
        task: 'tasks.document_indexing_task.document_indexing_task',
        queue: 'dataset',
        args: [names.get('dataset'), [names.get('document')]],
      },
    ]);
  });
});

function statusIn(call: RecordedCall): string {
  return /"indexing_status": "(\w+)"/.exec(call.bodyStart)?.[1] ?? '';
}

/** The request of a call with the names that this run has for what the recording calls `<uuid>`. */
async function requestOf(call: RecordedCall, names: ReadonlyMap<string, string>, token: string) {
  const target = call.path
    .replace('datasets/<uuid>', `datasets/${names.get('dataset')}`)
    .replace('files/<uuid>', `files/${names.get('upload')}`)
    .replace(/batch\/\d+/, `batch/${names.get('batch')}`);
  if (call.path.includes('source=datasets')) {
    return await uploadRequest(target, { name: 'note.txt', type: 'text/plain', content: note }, token);
  }
  const body = JSON.stringify(call.request).replaceAll('<uuid>', names.get('upload') ?? '');
  return jsonRequest(call.method, target, JSON.parse(body), token);
}

function learn(names: Map<string, string>, call: RecordedCall, body: string): void {
  if (call.method !== 'POST') return;
  const said = JSON.parse(body) as { id: string; batch: string; documents: { id: string }[] };
  if (call.path === '/console/api/datasets') names.set('dataset', said.id);
  if (call.path.includes('/files/upload')) names.set('upload', said.id);
  if (call.path.endsWith('/documents')) names.set('batch', said.batch).set('document', said.documents[0]?.id ?? '');
}

/** The worker, held where the recording looked at it: while it reads the file and while it notes the keywords. */
function workerInSteps(stores: Stores, sent: readonly SentTask[]): { until(status: string): Promise<void> } {
  const { files, segments } = stores;
  const reading = gate();
  const noting = gate();
  const held = {
    ...stores,
    files: { ...files, load: (name: string) => reading.pass(() => files.load(name)) },
    segments: {
      ...stores.segments,
      complete: (...args: Parameters<typeof segments.complete>) => noting.pass(() => segments.complete(...args)),
    },
  };
  let done: Promise<void> | undefined;
  return {
    async until(status) {
      const [dataset, documents] = sent[0]?.args ?? [];
      done ??= indexDocuments(held, dataset as string, documents as string[]);
      if (status === 'parsing') return await reading.reached;
      reading.open();
      if (status === 'indexing') return await noting.reached;
      noting.open();
      await done;
    },
  };
}

/** Something that stops who comes to it, tells so, and lets them pass when it is opened. */
function gate() {
  let reach: () => void = () => undefined;
  let open: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const opened = new Promise<void>((resolve) => (open = resolve));
  return {
    reached,
    open: () => open(),
    async pass<T>(work: () => Promise<T>): Promise<T> {
      reach();
      await opened;
      return await work();
    },
  };
}
