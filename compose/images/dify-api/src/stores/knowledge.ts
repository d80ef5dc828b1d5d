/** What a dataset is made of, as interfaces: uploads, datasets, documents, segments and the tasks for the worker. */

export interface Upload {
  id: string;
  tenantId: string;
  /** Where the file lies in the storage: `upload_files/<tenant>/<uuid>.<extension>`. */
  key: string;
  name: string;
  size: number;
  extension: string;
  mimeType: string;
  createdBy: string;
  createdAt: Date;
}

export interface NewUpload {
  id: string;
  tenantId: string;
  storageType: string;
  key: string;
  name: string;
  size: number;
  extension: string;
  mimeType: string;
  accountId: string;
  /** SHA3-256 in hexadecimal, as Dify keeps it. */
  hash: string;
  sourceUrl: string;
}

export interface UploadStore {
  create(upload: NewUpload): Promise<Upload>;
  find(id: string): Promise<Upload | null>;
}

export interface Dataset {
  id: string;
  tenantId: string;
  name: string;
  description: string | null;
  provider: string;
  permission: string;
  dataSourceType: string | null;
  /** `economy` or `high_quality`; null until its first document. */
  indexingTechnique: string | null;
  embeddingModel: string | null;
  embeddingModelProvider: string | null;
  createdBy: string;
  createdAt: Date;
  updatedBy: string | null;
  updatedAt: Date;
  documentCount: number;
  wordCount: number;
  /** The form of its documents; null as long as there is none. */
  docForm: string | null;
}

export interface NewDataset {
  tenantId: string;
  name: string;
  description: string;
  indexingTechnique: string | null;
  accountId: string;
}

export interface DatasetStore {
  /** Null when the tenant has one of this name. */
  create(dataset: NewDataset): Promise<Dataset | null>;
  find(id: string): Promise<Dataset | null>;
  list(tenantId: string, page: number, limit: number): Promise<{ total: number; datasets: Dataset[] }>;
}

/** How far the worker is with a document, and what it found. */
export interface IndexingState {
  indexingStatus: string;
  processingStartedAt: Date | null;
  parsingCompletedAt: Date | null;
  cleaningCompletedAt: Date | null;
  splittingCompletedAt: Date | null;
  completedAt: Date | null;
  stoppedAt: Date | null;
  error: string | null;
  wordCount: number | null;
  tokens: number | null;
  indexingLatencySeconds: number | null;
}

export interface Document extends IndexingState {
  id: string;
  tenantId: string;
  datasetId: string;
  position: number;
  dataSourceType: string;
  /** The upload that it was made of. */
  uploadId: string | null;
  processRuleId: string | null;
  batch: string;
  name: string;
  createdFrom: string;
  createdBy: string;
  createdAt: Date;
  isPaused: boolean;
  pausedAt: Date | null;
  enabled: boolean;
  disabledAt: Date | null;
  disabledBy: string | null;
  archived: boolean;
  docForm: string;
  docLanguage: string | null;
  completedSegments: number;
  totalSegments: number;
  hitCount: number;
}

/** How text is cleaned and cut, as Dify keeps it in `dataset_process_rules`. */
export interface ProcessRule {
  mode: string;
  rules: Readonly<Record<string, unknown>>;
}

export interface NewDocuments {
  dataset: Dataset;
  /** What an empty dataset becomes by its first documents. */
  indexingTechnique: string;
  embeddingModel: string | null;
  embeddingModelProvider: string | null;
  rule: ProcessRule;
  uploads: readonly Upload[];
  batch: string;
  docForm: string;
  docLanguage: string;
  accountId: string;
  /** Whether a document of the same name is made anew instead of a second one. */
  replace: boolean;
}

export interface DocumentStore {
  /** The documents in the order of the uploads; `again` are those among them that were there before. */
  add(documents: NewDocuments): Promise<{ documents: Document[]; again: string[] }>;
  find(datasetId: string, id: string): Promise<Document | null>;
  /** The newest first; `keyword` is part of the name. */
  list(
    datasetId: string,
    page: number,
    limit: number,
    keyword: string,
  ): Promise<{ total: number; documents: Document[] }>;
  batch(datasetId: string, batch: string): Promise<Document[]>;
  processRule(id: string): Promise<ProcessRule | null>;
  update(id: string, change: Partial<IndexingState>): Promise<void>;
}

export interface NewSegment {
  content: string;
  wordCount: number;
  /** The name of the segment in the index. */
  nodeId: string;
  nodeHash: string;
}

export interface Segment extends NewSegment {
  id: string;
  documentId: string;
  position: number;
  answer: string | null;
  tokens: number;
  keywords: string[] | null;
  hitCount: number;
  enabled: boolean;
  disabledAt: Date | null;
  disabledBy: string | null;
  status: string;
  createdBy: string;
  createdAt: Date;
  indexingAt: Date | null;
  completedAt: Date | null;
  error: string | null;
  stoppedAt: Date | null;
  document: { id: string; name: string; dataSourceType: string; docType: string | null; docMetadata: unknown };
}

/** Which segments (by their names in the index) a keyword stands in. */
export type KeywordTable = ReadonlyMap<string, readonly string[]>;

export interface SegmentStore {
  /** Takes a document's segments away, from the table of keywords too. */
  clear(document: Document): Promise<void>;
  /** Adds segments that are being indexed. */
  add(document: Document, segments: readonly NewSegment[]): Promise<void>;
  /** Notes the keywords of each segment, at the segment and in the dataset's table, and marks it completed. */
  complete(document: Document, keywords: ReadonlyMap<string, readonly string[]>): Promise<void>;
  keywordTable(datasetId: string): Promise<KeywordTable>;
  /** Those that are completed and enabled, in the order of the names. */
  findByNodes(datasetId: string, nodeIds: readonly string[]): Promise<Segment[]>;
  recordQuery(datasetId: string, content: string, accountId: string): Promise<void>;
}

/** The way to the worker. */
export interface TaskQueue {
  send(task: string, queue: string, args: readonly unknown[]): Promise<void>;
}

/** The stores behind datasets. */
export interface KnowledgeStores {
  uploads: UploadStore;
  datasets: DatasetStore;
  documents: DocumentStore;
  segments: SegmentStore;
  tasks: TaskQueue;
}
