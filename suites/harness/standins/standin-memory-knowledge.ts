import { randomUUID } from 'node:crypto';
import type {
  Dataset,
  Document,
  KnowledgeStores,
  NewDocuments,
  ProcessRule,
  Segment,
  Upload,
} from '../../../compose/images/dify-api/src/stores/knowledge.ts';

/** A task on its way to the worker. */
export interface SentTask {
  task: string;
  queue: string;
  args: readonly unknown[];
}

const started = new Date('2026-11-24T19:46:19Z');

/** The stores of datasets without PostgreSQL and a broker: empty at first. What is sent to the worker is in `sent`. */
export function memoryKnowledge(sent: SentTask[] = []): KnowledgeStores {
  const uploads: Upload[] = [];
  const datasets: Dataset[] = [];
  const documents: Document[] = [];
  const rules = new Map<string, ProcessRule>();
  const segments: (Segment & { datasetId: string })[] = [];
  const ofDocument = (id: string) => segments.filter((segment) => segment.documentId === id);
  /** A document with what a database counts among its segments. */
  const counted = (document: Document): Document => {
    const own = ofDocument(document.id);
    const completed = own.filter(({ completedAt }) => completedAt !== null).length;
    return { ...document, totalSegments: own.length, completedSegments: completed };
  };
  return {
    uploads: {
      create: async ({ accountId, ...upload }) => {
        const made = { ...upload, createdBy: accountId, createdAt: started };
        uploads.push(made);
        return made;
      },
      find: async (id) => uploads.find((upload) => upload.id === id) ?? null,
    },
    datasets: {
      create: async ({ accountId, ...dataset }) => {
        if (datasets.some(({ name }) => name === dataset.name)) return null;
        const made = emptyDataset({ ...dataset, createdBy: accountId, updatedBy: accountId });
        datasets.push(made);
        return made;
      },
      find: async (id) => datasets.find((dataset) => dataset.id === id) ?? null,
      list: async (_tenantId, page, limit) => ({
        total: datasets.length,
        datasets: datasets.slice((page - 1) * limit, page * limit),
      }),
    },
    documents: {
      add: async (added) => {
        const ruleId = randomUUID();
        rules.set(ruleId, added.rule);
        const dataset = datasets.find(({ id }) => id === added.dataset.id);
        const technique = added.dataset.indexingTechnique ?? added.indexingTechnique;
        if (dataset) Object.assign(dataset, { dataSourceType: 'upload_file', indexingTechnique: technique });
        const again: string[] = [];
        const made = added.uploads.map((upload) => {
          const old = documents.find((document) => added.replace && document.name === upload.name);
          if (old) again.push(old.id);
          const document = old ?? newDocument(added, upload, documents.length + 1);
          Object.assign(document, { processRuleId: ruleId, uploadId: upload.id, batch: added.batch });
          Object.assign(document, { indexingStatus: 'waiting' });
          if (!old) documents.push(document);
          return document;
        });
        return { documents: made.map(counted), again };
      },
      find: async (_datasetId, id) => documents.filter((document) => document.id === id).map(counted)[0] ?? null,
      list: async (_datasetId, page, limit, keyword) => {
        const found = documents.filter(({ name }) => name.includes(keyword)).map(counted);
        return { total: found.length, documents: found.toReversed().slice((page - 1) * limit, page * limit) };
      },
      batch: async (_datasetId, batch) => documents.filter((document) => document.batch === batch).map(counted),
      processRule: async (id) => rules.get(id) ?? null,
      update: async (id, change) => void Object.assign(documents.find((document) => document.id === id) ?? {}, change),
    },
    segments: {
      clear: async ({ id }) => {
        for (const segment of ofDocument(id)) segments.splice(segments.indexOf(segment), 1);
      },
      add: async (document, added) => {
        for (const segment of added) {
          segments.push({ ...newSegment(document, segments.length + 1), ...segment, datasetId: document.datasetId });
        }
      },
      complete: async (document, keywords) => {
        for (const segment of ofDocument(document.id)) {
          const words = keywords.get(segment.nodeId);
          const completed = { keywords: words, status: 'completed', enabled: true, completedAt: started };
          if (words) Object.assign(segment, completed);
        }
      },
      keywordTable: async () => {
        const words = new Set(segments.flatMap(({ keywords }) => keywords ?? []));
        const having = (word: string) => segments.filter(({ keywords }) => keywords?.includes(word));
        return new Map([...words].map((word) => [word, having(word).map(({ nodeId }) => nodeId)]));
      },
      findByNodes: async (_datasetId, nodeIds) =>
        nodeIds.flatMap((nodeId) => segments.filter((segment) => segment.nodeId === nodeId && segment.enabled)),
      recordQuery: async () => undefined,
    },
    tasks: { send: async (task, queue, args) => void sent.push({ task, queue, args }) },
  };
}

function emptyDataset(
  given: Pick<Dataset, 'tenantId' | 'name' | 'description' | 'indexingTechnique' | 'createdBy' | 'updatedBy'>,
): Dataset {
  return {
    id: randomUUID(),
    provider: 'vendor',
    permission: 'only_me',
    dataSourceType: null,
    embeddingModel: null,
    embeddingModelProvider: null,
    createdAt: started,
    updatedAt: started,
    documentCount: 0,
    wordCount: 0,
    docForm: null,
    ...given,
  };
}

function newDocument(added: NewDocuments, upload: Upload, position: number): Document {
  return {
    id: randomUUID(),
    tenantId: added.dataset.tenantId,
    datasetId: added.dataset.id,
    position,
    dataSourceType: 'upload_file',
    uploadId: upload.id,
    processRuleId: null,
    batch: added.batch,
    name: upload.name,
    createdFrom: 'web',
    createdBy: added.accountId,
    createdAt: started,
    isPaused: false,
    pausedAt: null,
    enabled: true,
    disabledAt: null,
    disabledBy: null,
    archived: false,
    docForm: added.docForm,
    docLanguage: added.docLanguage,
    completedSegments: 0,
    totalSegments: 0,
    hitCount: 0,
    indexingStatus: 'waiting',
    processingStartedAt: null,
    parsingCompletedAt: null,
    cleaningCompletedAt: null,
    splittingCompletedAt: null,
    completedAt: null,
    stoppedAt: null,
    error: null,
    wordCount: null,
    tokens: null,
    indexingLatencySeconds: null,
  };
}

function newSegment(
  document: Document,
  position: number,
): Omit<Segment, 'content' | 'wordCount' | 'nodeId' | 'nodeHash'> {
  const { id, name, dataSourceType } = document;
  return {
    id: randomUUID(),
    documentId: id,
    position,
    answer: null,
    tokens: 0,
    keywords: null,
    hitCount: 0,
    enabled: false,
    disabledAt: null,
    disabledBy: null,
    status: 'indexing',
    createdBy: document.createdBy,
    createdAt: started,
    indexingAt: started,
    completedAt: null,
    error: null,
    stoppedAt: null,
    document: { id, name, dataSourceType, docType: null, docMetadata: null },
  };
}
