import { describe, expect, test } from 'vitest';
import { difyApi } from '../../../compose/images/dify-api/src/app.ts';
import { indexDocuments } from '../../../compose/images/dify-api/src/celery/indexing.ts';
import { readSettings } from '../../../compose/images/dify-api/src/settings.ts';
import type { Stores } from '../../../compose/images/dify-api/src/stores/stores.ts';
import { datasetCalls, datasetRequest, learnNames } from '../../../fixtures/testing/first-use-dataset.ts';
import { recordedShape, shapeOf, signIn, textOf, type RecordedCall } from '../../../fixtures/testing/first-use.ts';
import { memoryKnowledge, type SentTask } from './standin-memory-knowledge.ts';
import { memoryStores } from './standin-memory-stores.ts';

const settings = readSettings({ SECRET_KEY: 'recorded' });
const calls = datasetCalls();

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
      const answer = await api(await datasetRequest(call, names, token));
      seen.push(shapeOf(answer, call));
      learnNames(names, call, textOf(answer));
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
