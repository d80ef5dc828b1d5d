import { createHash, randomUUID } from 'node:crypto';
import { log, reason } from '../../../shared/src/log.ts';
import { characterCount } from '../characters.ts';
import { extractKeywords } from '../keywords.ts';
import type { Dataset, Document, KnowledgeStores, NewSegment } from '../stores/knowledge.ts';
import type { FileStore } from '../stores/stores.ts';
import { cleanText, cutText, trimPiece } from './text.ts';

/** The stores that indexing works with. */
export interface IndexingStores extends Omit<KnowledgeStores, 'tasks'> {
  files: FileStore;
}

/** What the stand-in has no reader for. */
const unreadable = ['pdf', 'xlsx', 'xls', 'docx'];

/**
 * Indexes documents of a dataset one after the other: reads the file, cuts it into segments, notes their keywords. A
 * document that fails is marked with the error in Dify's words, the others go on.
 */
export async function indexDocuments(
  stores: IndexingStores,
  datasetId: string,
  documentIds: readonly string[],
): Promise<void> {
  const dataset = await stores.datasets.find(datasetId);
  if (!dataset) return log(`Dataset is not found: ${datasetId}`);
  const documents: Document[] = [];
  for (const id of documentIds) {
    log(`Start process document: ${id}`);
    const document = await stores.documents.find(datasetId, id);
    if (!document) continue;
    await stores.documents.update(id, { indexingStatus: 'parsing', processingStartedAt: new Date() });
    documents.push(document);
  }
  for (const document of documents) {
    try {
      await index(stores, dataset, document);
    } catch (error) {
      log(`consume document failed: ${document.id}: ${reason(error)}`);
      const message = error instanceof Error ? error.message : String(error);
      await stores.documents.update(document.id, {
        indexingStatus: 'error',
        error: message,
        stoppedAt: new Date(),
      });
    }
  }
}

/** Does the same with documents that were indexed before: their segments go first. */
export async function indexAgain(
  stores: IndexingStores,
  datasetId: string,
  documentIds: readonly string[],
): Promise<void> {
  for (const id of documentIds) {
    const document = await stores.documents.find(datasetId, id);
    if (document) await stores.segments.clear(document);
  }
  await indexDocuments(stores, datasetId, documentIds);
}

async function index(stores: IndexingStores, dataset: Dataset, document: Document): Promise<void> {
  const { documents, segments } = stores;
  const rule = document.processRuleId === null ? null : await documents.processRule(document.processRuleId);
  if (!rule) throw new Error('no process rule found');
  const text = await extract(stores, document);
  await documents.update(document.id, {
    indexingStatus: 'splitting',
    wordCount: characterCount(text),
    parsingCompletedAt: new Date(),
  });
  if (dataset.indexingTechnique === 'high_quality') {
    throw new Error(`Provider ${dataset.embeddingModelProvider ?? 'None'} does not exist.`);
  }
  const made = cutText(cleanText(text, rule), rule).flatMap(segmentOf);
  await segments.add(document, made);
  const cutAt = new Date();
  await documents.update(document.id, {
    indexingStatus: 'indexing',
    cleaningCompletedAt: cutAt,
    splittingCompletedAt: cutAt,
  });
  const started = performance.now();
  await segments.complete(document, new Map(made.map(({ nodeId, content }) => [nodeId, extractKeywords(content)])));
  await documents.update(document.id, {
    indexingStatus: 'completed',
    tokens: 0,
    completedAt: new Date(),
    indexingLatencySeconds: (performance.now() - started) / 1000,
    error: null,
  });
}

/** The text of the document's file. Rejects with "File not found" when the storage does not have it. */
async function extract(stores: IndexingStores, document: Document): Promise<string> {
  if (document.uploadId === null) throw new Error('no upload file found');
  const upload = await stores.uploads.find(document.uploadId);
  if (!upload) return '';
  if (unreadable.includes(upload.extension)) throw new Error(`This stand-in does not read .${upload.extension} files.`);
  return (await stores.files.load(upload.key)).toString('utf8');
}

function segmentOf(piece: string): NewSegment[] {
  const content = trimPiece(piece);
  if (content === '') return [];
  // Dify hashes the text with this word behind it: its function once took a second argument.
  const nodeHash = createHash('sha256').update(`${piece}None`).digest('hex');
  return [{ content, wordCount: characterCount(content), nodeId: randomUUID(), nodeHash }];
}
