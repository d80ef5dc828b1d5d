import { describe, expect, test } from 'vitest';
import { difyApi } from '../../../compose/images/dify-api/src/app.ts';
import { indexAgain, indexDocuments } from '../../../compose/images/dify-api/src/celery/indexing.ts';
import { openEnvelope, readTask, taskMessage } from '../../../compose/images/dify-api/src/celery/message.ts';
import { indexingAgainTask, indexingTask } from '../../../compose/images/dify-api/src/celery/tasks.ts';
import { automaticRules, cleanText, cutText, trimPiece } from '../../../compose/images/dify-api/src/celery/text.ts';
import { extractKeywords } from '../../../compose/images/dify-api/src/keywords.ts';
import { readSettings } from '../../../compose/images/dify-api/src/settings.ts';
import { jsonRequest, recordedCall, signIn, textOf, uploadRequest } from '../../../fixtures/testing/first-use.ts';
import { memoryKnowledge, type SentTask } from './standin-memory-knowledge.ts';
import { memoryStores } from './standin-memory-stores.ts';

const settings = readSettings({ SECRET_KEY: 'of the test' });
const automatic = { mode: 'automatic', rules: automaticRules };
const custom = (max_tokens: number, separator = '\\n\\n', chunk_overlap = 0) => ({
  mode: 'custom',
  rules: { pre_processing_rules: [], segmentation: { separator, max_tokens, chunk_overlap } },
});

/** An api with a dataset, and how to add a document of a file to it and to ask for it. */
async function withDataset() {
  const sent: SentTask[] = [];
  const stores = { ...memoryStores(), ...memoryKnowledge(sent) };
  const api = difyApi({ settings, stores });
  const token = await signIn(api);
  const call = async (method: string, path: string, body: unknown = null) => {
    const answer = await api(jsonRequest(method, `/console/api${path}`, body, token));
    return { status: answer.status, said: JSON.parse(textOf(answer)) as Said };
  };
  const { said: dataset } = await call('POST', '/datasets', { name: 'ds' });
  const upload = async (name: string, content: string) => {
    const file = { name, type: 'text/plain', content };
    return JSON.parse(textOf(await api(await uploadRequest('/console/api/files/upload', file, token)))) as Said;
  };
  const documentsOf = async (name: string, content: string, changes: object = {}) => {
    const { id } = await upload(name, content);
    const recorded = JSON.stringify(recordedCall('POST', '/documents').request).replace('<uuid>', id);
    const body = { ...(JSON.parse(recorded) as object), ...changes };
    return await call('POST', `/datasets/${dataset.id}/documents`, body);
  };
  const status = async (batch: string) =>
    (await call('GET', `/datasets/${dataset.id}/batch/${batch}/indexing-status`)).said.data?.[0];
  const hits = async (query: string) => {
    const retrieval_model = { search_method: 'keyword_search', top_k: 2, reranking_enable: false };
    const { said } = await call('POST', `/datasets/${dataset.id}/hit-testing`, { query, retrieval_model });
    return said.records?.map(({ segment }) => segment.content);
  };
  const index = () => indexDocuments(stores, dataset.id, sent.at(-1)?.args[1] as string[]);
  return { stores, sent, dataset, call, documentsOf, status, hits, index };
}

/** The parts of answers that the tests look at. */
interface Said {
  id: string;
  code?: string;
  message?: string;
  batch: string;
  total?: number;
  data?: Record<string, unknown>[];
  records?: { segment: { content: string } }[];
  documents?: { id: string }[];
}

describe('a document of a dataset', () => {
  test('whose file the storage does not have ends in an error, in the words of Dify', async () => {
    const { stores, documentsOf, status, index, hits } = await withDataset();
    const { said } = await documentsOf('a.txt', 'A fox.');
    stores.files.load = () => Promise.reject(new Error('File not found'));
    await index();
    expect(await status(said.batch)).toMatchObject({
      indexing_status: 'error',
      error: 'File not found',
      processing_started_at: expect.any(Number),
      parsing_completed_at: null,
      completed_at: null,
      stopped_at: expect.any(Number),
      total_segments: 0,
    });
    expect(await hits('fox')).toEqual([]);
  });

  test('stays waiting until the worker has its task', async () => {
    const { documentsOf, status, sent } = await withDataset();
    const { said } = await documentsOf('a.txt', 'A fox.');
    expect(await status(said.batch)).toMatchObject({ indexing_status: 'waiting', processing_started_at: null });
    expect(sent).toMatchObject([{ task: indexingTask, queue: 'dataset' }]);
  });

  test('with a name that is there is made anew, and what it said before is gone', async () => {
    const { stores, sent, dataset, call, documentsOf, index, hits } = await withDataset();
    await documentsOf('a.txt', 'A brown fox.');
    await index();
    expect(await hits('fox')).toEqual(['A brown fox.']);
    const { said } = await documentsOf('a.txt', 'A white owl.');
    expect(sent.at(-1)).toMatchObject({ task: indexingAgainTask, args: [dataset.id, [said.documents?.[0]?.id]] });
    await indexAgain(stores, dataset.id, sent.at(-1)?.args[1] as string[]);
    expect([await hits('fox'), await hits('owl')]).toEqual([[], ['A white owl.']]);
    expect((await call('GET', `/datasets/${dataset.id}/documents`)).said.total).toBe(1);
    await documentsOf('a.txt', 'A grey cat.', { duplicate: false });
    expect((await call('GET', `/datasets/${dataset.id}/documents`)).said.total).toBe(2);
  });

  test('in high quality is refused as long as no model is there', async () => {
    const { dataset, call, documentsOf, sent } = await withDataset();
    expect(await documentsOf('a.txt', 'A fox.', { indexing_technique: 'high_quality' })).toEqual({
      status: 400,
      said: {
        code: 'provider_not_initialize',
        message: 'Default model not found for ModelType.TEXT_EMBEDDING',
        status: 400,
      },
    });
    expect((await call('GET', `/datasets/${dataset.id}`)).said).toMatchObject({ indexing_technique: null });
    expect(sent).toEqual([]);
  });

  test.for([
    { why: 'no technique', changes: { indexing_technique: undefined }, message: 'indexing_technique is required.' },
    { why: 'no source', changes: { data_source: {} }, message: 'Data source type is invalid' },
    { why: 'no rules', changes: { process_rule: { mode: 'custom' } }, message: 'Process rule rules is required' },
    { why: 'another mode', changes: { process_rule: { mode: 'x' } }, message: 'Process rule mode is invalid' },
  ])('with $why is refused', async ({ changes, message }) => {
    const { documentsOf } = await withDataset();
    expect(await documentsOf('a.txt', 'x', changes)).toMatchObject({
      status: 400,
      said: { code: 'invalid_param', message },
    });
  });

  test('of a dataset that is not there is refused', async () => {
    const { call } = await withDataset();
    const nowhere = '/datasets/00000000-0000-4000-8000-000000000000';
    expect((await call('POST', `${nowhere}/documents`, {})).said).toMatchObject({ code: 'not_found' });
    expect((await call('POST', '/datasets', { name: 'ds' })).said).toMatchObject({ code: 'dataset_name_duplicate' });
  });
});

test('a dataset has the fields of Dify 1.5, those too that the recording has cut off', async () => {
  const { dataset, call } = await withDataset();
  const { said } = await call('GET', `/datasets/${dataset.id}`);
  const whole = { ...said } as Record<string, unknown>;
  expect(Object.keys(whole).slice(16).join(' ')).toBe(
    'embedding_available retrieval_model_dict tags doc_form external_knowledge_info external_retrieval_model ' +
      'doc_metadata built_in_field_enabled',
  );
  expect(whole).toMatchObject({
    embedding_available: true,
    retrieval_model_dict: { search_method: 'semantic_search', reranking_mode: null, weights: null, top_k: 2 },
    external_knowledge_info: { external_knowledge_id: null },
    external_retrieval_model: { top_k: 2, score_threshold: 0, score_threshold_enabled: null },
  });
});

describe('text', () => {
  test('is cleaned of what no text should have', () => {
    const dirty = 'a\u0000b <|x|>\n\n\n\nfar    away\ufffe';
    expect(cleanText(dirty, automatic)).toBe('ab <x>\n\nfar away');
    const urls = { mode: 'custom', rules: { pre_processing_rules: [{ id: 'remove_urls_emails', enabled: true }] } };
    expect(cleanText('ask ops@example.test at http://example.test/a now', urls)).toBe('ask  at  now');
  });

  test('is cut at paragraphs, then sentences, then words, then anywhere', () => {
    const sentence = `${'word '.repeat(30).trim()}. `;
    const pieces = cutText(`${sentence.repeat(4)}\n\nshort\n\n${'x'.repeat(1200)}`, automatic);
    expect(pieces.map(({ length }) => length)).toEqual([451, 149, 5, 500, 500, 300]);
    expect(pieces.join('').match(/word/g)?.length).toBe(120);
    expect(pieces[2]).toBe('short');
    expect(cutText('eins\n\nzwei', automatic)).toEqual(['eins\n\nzwei']);
    expect(cutText('', automatic)).toEqual([]);
  });

  test('is cut by a rule of its own, whose pieces may overlap', () => {
    expect(cutText('eins\n\nzwei', custom(50))).toEqual(['eins', 'zwei']);
    const words = Array.from({ length: 40 }, (_, position) => `w${position + 10}`).join(' ');
    const pieces = cutText(words, custom(60, '\\n', 12));
    expect(pieces.every((piece) => piece.length <= 60)).toBe(true);
    expect(pieces[1]?.startsWith(pieces[0]?.slice(-11) ?? 'nothing')).toBe(true);
    expect(() => cutText('x', custom(10))).toThrow('Custom segment length should be between 50 and 4000.');
  });

  test('begins with a word and not with what is left of the cut', () => {
    expect([trimPiece('。, then'), trimPiece('- item'), trimPiece('...')]).toEqual(['then', '- item', '']);
  });

  test('is found by its words, not by those of every text', () => {
    const words = extractKeywords('The quick brown fox verifies the stack.\n\nBackups restore.');
    expect(words.toSorted()).toEqual(['Backups', 'brown', 'fox', 'quick', 'restore', 'stack', 'verifies']);
    expect(extractKeywords('数据库备份 v1.5 and v1.5')[0]).toBe('v1.5');
    expect(extractKeywords('数据库备份')).toContain('备份');
    expect(extractKeywords('a the of')).toEqual([]);
    expect(extractKeywords(Array.from({ length: 30 }, (_, position) => `word${position}`).join(' '))).toHaveLength(10);
  });
});

test('the message of a task says its arguments as Celery does', () => {
  const { id, message } = taskMessage(indexingTask, 'dataset', ['ds', ["it's"]]);
  const opened = openEnvelope(message);
  expect(readTask(opened)).toMatchObject({ id, name: indexingTask, args: ['ds', ["it's"]], ignoreResult: true });
  expect(opened.headers).toMatchObject({ argsrepr: `('ds', ["it's"])`, kwargsrepr: '{}', retries: 0, lang: 'py' });
  expect(opened.properties).toMatchObject({ delivery_info: { exchange: '', routing_key: 'dataset' }, priority: 0 });
});
