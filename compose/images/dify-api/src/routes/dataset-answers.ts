import { Float } from '../../../shared/src/python-json.ts';
import type { Dataset, Document, Segment, Upload } from '../stores/knowledge.ts';
import { timestamp } from './context.ts';

const time = (at: Date | null) => (at ? timestamp(at) : null);

/** A dataset in full, as the answer to its creation has it. */
export function datasetDetail(dataset: Dataset): Record<string, unknown> {
  return {
    id: dataset.id,
    name: dataset.name,
    description: dataset.description,
    provider: dataset.provider,
    permission: dataset.permission,
    data_source_type: dataset.dataSourceType,
    indexing_technique: dataset.indexingTechnique,
    app_count: 0,
    document_count: dataset.documentCount,
    word_count: dataset.wordCount,
    created_by: dataset.createdBy,
    created_at: time(dataset.createdAt),
    updated_by: dataset.updatedBy,
    updated_at: time(dataset.updatedAt),
    embedding_model: dataset.embeddingModel,
    embedding_model_provider: dataset.embeddingModelProvider,
    embedding_available: null,
    retrieval_model_dict: {
      search_method: 'semantic_search',
      reranking_enable: false,
      reranking_mode: null,
      reranking_model: { reranking_provider_name: '', reranking_model_name: '' },
      weights: null,
      top_k: 2,
      score_threshold_enabled: false,
      score_threshold: null,
    },
    tags: [],
    doc_form: dataset.docForm,
    external_knowledge_info: {
      external_knowledge_id: null,
      external_knowledge_api_id: null,
      external_knowledge_api_name: null,
      external_knowledge_api_endpoint: null,
    },
    external_retrieval_model: { top_k: 2, score_threshold: new Float(0), score_threshold_enabled: null },
    doc_metadata: [],
    built_in_field_enabled: false,
  };
}

/** A dataset as the answer to new documents has it. */
export function datasetInBrief(dataset: Dataset): Record<string, unknown> {
  return {
    id: dataset.id,
    name: dataset.name,
    description: dataset.description,
    permission: dataset.permission,
    data_source_type: dataset.dataSourceType,
    indexing_technique: dataset.indexingTechnique,
    created_by: dataset.createdBy,
    created_at: time(dataset.createdAt),
  };
}

/** A document; `upload` is what it was made of. */
export function documentAnswer(document: Document, upload: Upload | null): Record<string, unknown> {
  return {
    id: document.id,
    position: document.position,
    data_source_type: document.dataSourceType,
    data_source_info: { upload_file_id: document.uploadId },
    data_source_detail_dict: upload ? { upload_file: uploadDetail(upload) } : {},
    dataset_process_rule_id: document.processRuleId,
    name: document.name,
    created_from: document.createdFrom,
    created_by: document.createdBy,
    created_at: time(document.createdAt),
    tokens: document.tokens ?? 0,
    indexing_status: document.indexingStatus,
    error: document.error,
    enabled: document.enabled,
    disabled_at: time(document.disabledAt),
    disabled_by: document.disabledBy,
    archived: document.archived,
    display_status: displayStatus(document),
    word_count: document.wordCount ?? 0,
    hit_count: document.hitCount,
    doc_form: document.docForm,
    doc_metadata: null,
  };
}

function uploadDetail(upload: Upload): Record<string, unknown> {
  return {
    id: upload.id,
    name: upload.name,
    size: upload.size,
    extension: upload.extension,
    mime_type: upload.mimeType,
    created_by: upload.createdBy,
    created_at: new Float(upload.createdAt.getTime() / 1000),
  };
}

function displayStatus(document: Document): string | null {
  const { indexingStatus: status, archived, enabled } = document;
  if (status === 'waiting') return 'queuing';
  if (status === 'error') return 'error';
  if (status === 'completed') return archived ? 'archived' : enabled ? 'available' : 'disabled';
  if (document.isPaused) return 'paused';
  return ['parsing', 'cleaning', 'splitting', 'indexing'].includes(status) ? 'indexing' : null;
}

/** How far the worker is with a document. */
export function indexingStatus(document: Document): Record<string, unknown> {
  return {
    id: document.id,
    indexing_status: document.isPaused ? 'paused' : document.indexingStatus,
    processing_started_at: time(document.processingStartedAt),
    parsing_completed_at: time(document.parsingCompletedAt),
    cleaning_completed_at: time(document.cleaningCompletedAt),
    splitting_completed_at: time(document.splittingCompletedAt),
    completed_at: time(document.completedAt),
    paused_at: time(document.pausedAt),
    error: document.error,
    stopped_at: time(document.stoppedAt),
    completed_segments: document.completedSegments,
    total_segments: document.totalSegments,
  };
}

/** A segment that was found, as hit testing shows it. */
export function hit(segment: Segment): Record<string, unknown> {
  return {
    segment: {
      id: segment.id,
      position: segment.position,
      document_id: segment.documentId,
      content: segment.content,
      sign_content: segment.content,
      answer: segment.answer,
      word_count: segment.wordCount,
      tokens: segment.tokens,
      keywords: segment.keywords,
      index_node_id: segment.nodeId,
      index_node_hash: segment.nodeHash,
      hit_count: segment.hitCount,
      enabled: segment.enabled,
      disabled_at: time(segment.disabledAt),
      disabled_by: segment.disabledBy,
      status: segment.status,
      created_by: segment.createdBy,
      created_at: time(segment.createdAt),
      indexing_at: time(segment.indexingAt),
      completed_at: time(segment.completedAt),
      error: segment.error,
      stopped_at: time(segment.stoppedAt),
      document: {
        id: segment.document.id,
        data_source_type: segment.document.dataSourceType,
        name: segment.document.name,
        doc_type: segment.document.docType,
        doc_metadata: segment.document.docMetadata,
      },
    },
    child_chunks: null,
    score: null,
    tsne_position: null,
  };
}
