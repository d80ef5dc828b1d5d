import { randomInt } from 'node:crypto';
import { record } from '../celery/message.ts';
import { indexingAgainTask, indexingTask } from '../celery/tasks.ts';
import { automaticRules } from '../celery/text.ts';
import { json } from '../http/answers.ts';
import { jsonBody, optionalText, type JsonObject } from '../http/body.ts';
import { apiError, NotKnown } from '../http/errors.ts';
import type { Rule } from '../http/flask.ts';
import type { Dataset, Document, ProcessRule, Upload } from '../stores/knowledge.ts';
import type { Api, SignedIn } from './context.ts';
import { datasetInBrief, documentAnswer, indexingStatus } from './dataset-answers.ts';
import { noEmbeddingModel, pageOf, requireDataset, techniqueOf } from './datasets.ts';

/** The documents of a dataset, and how far the worker is with them. */
export function documentRules(api: Api): Rule[] {
  const { documents } = api.stores;
  const base = '/console/api/datasets/<uuid:dataset_id>';
  return [
    {
      path: `${base}/documents`,
      blueprint: 'console',
      views: {
        GET: async ({ request, params, query }) => {
          const { dataset } = await requireDataset(api, request, params);
          const { page, limit } = pageOf(query);
          const { total, documents: found } = await documents.list(dataset.id, page, limit, query.get('keyword') ?? '');
          const data = await answers(api, found);
          return json({ data, has_more: found.length === limit, limit, total, page });
        },
        POST: async ({ request, params }) => {
          const { who, dataset } = await requireDataset(api, request, params);
          const { made, batch } = await addDocuments(api, who, dataset, jsonBody(request));
          const changed = (await api.stores.datasets.find(dataset.id)) ?? dataset;
          return json({ dataset: datasetInBrief(changed), documents: await answers(api, made), batch });
        },
      },
    },
    {
      path: `${base}/batch/<string:batch>/indexing-status`,
      blueprint: 'console',
      views: {
        GET: async ({ request, params }) => {
          const { dataset } = await requireDataset(api, request, params);
          const found = await documents.batch(dataset.id, params['batch'] ?? '');
          if (found.length === 0) throw apiError(404, 'not_found', 'Documents not found.');
          return json({ data: found.map(indexingStatus) });
        },
      },
    },
    {
      path: `${base}/documents/<uuid:document_id>/indexing-status`,
      blueprint: 'console',
      views: {
        GET: async ({ request, params }) => {
          const { dataset } = await requireDataset(api, request, params);
          const document = await documents.find(dataset.id, params['document_id'] ?? '');
          if (!document) throw apiError(404, 'not_found', 'Document not found.');
          return json(indexingStatus(document));
        },
      },
    },
  ];
}

async function answers(api: Api, documents: readonly Document[]): Promise<Record<string, unknown>[]> {
  const made: Record<string, unknown>[] = [];
  for (const document of documents) {
    const upload = document.uploadId === null ? null : await api.stores.uploads.find(document.uploadId);
    made.push(documentAnswer(document, upload));
  }
  return made;
}

/** Makes documents of uploads and sends the worker the task to index them: what is not sent stays `waiting`. */
async function addDocuments(
  api: Api,
  who: SignedIn,
  dataset: Dataset,
  body: JsonObject,
): Promise<{ made: Document[]; batch: string }> {
  const technique = techniqueOf(body);
  if (technique === null) throw invalid('indexing_technique is required.');
  const uploads = await uploadsOf(api, who, body);
  const rule = ruleOf(body);
  const embeddingModel = optionalText(body, 'embedding_model') || null;
  const embeddingModelProvider = optionalText(body, 'embedding_model_provider') || null;
  const named = embeddingModel !== null && embeddingModelProvider !== null;
  if (dataset.indexingTechnique === null && technique === 'high_quality' && !named) {
    throw apiError(400, 'provider_not_initialize', noEmbeddingModel);
  }
  const docForm = optionalText(body, 'doc_form', 'text_model');
  if (docForm !== 'text_model') throw new NotKnown(`documents of the form ${docForm}`);
  const batch = batchNumber(new Date());
  const { documents, again } = await api.stores.documents.add({
    dataset,
    indexingTechnique: technique,
    embeddingModel: technique === 'high_quality' ? embeddingModel : null,
    embeddingModelProvider: technique === 'high_quality' ? embeddingModelProvider : null,
    rule,
    uploads,
    batch,
    docForm,
    docLanguage: optionalText(body, 'doc_language', 'English'),
    accountId: who.account.id,
    replace: body['duplicate'] !== false,
  });
  const fresh = documents.map(({ id }) => id).filter((id) => !again.includes(id));
  if (fresh.length > 0) await api.stores.tasks.send(indexingTask, 'dataset', [dataset.id, fresh]);
  if (again.length > 0) await api.stores.tasks.send(indexingAgainTask, 'dataset', [dataset.id, again]);
  return { made: documents, batch };
}

const invalid = (message: string) => apiError(400, 'invalid_param', message);

/** The time in UTC to the second and six digits by chance, as Dify numbers its batches. */
function batchNumber(at: Date): string {
  return `${at.toISOString().replace(/\D/g, '').slice(0, 14)}${randomInt(100_000, 1_000_000)}`;
}

async function uploadsOf(api: Api, who: SignedIn, body: JsonObject): Promise<Upload[]> {
  const info = record(record(body['data_source'])['info_list']);
  if (body['data_source'] === undefined && body['process_rule'] === undefined) {
    throw invalid('Data source or Process rule is required');
  }
  const type = info['data_source_type'];
  if (type === 'notion_import' || type === 'website_crawl') throw new NotKnown(`data sources of the type ${type}`);
  if (type !== 'upload_file') throw invalid('Data source type is invalid');
  const ids = record(info['file_info_list'])['file_ids'];
  if (!Array.isArray(ids)) throw invalid('File source info is required');
  const uploads: Upload[] = [];
  for (const id of ids) {
    const upload = isUuid(id) ? await api.stores.uploads.find(id) : null;
    // Dify's own error for it has no words.
    if (!upload || upload.tenantId !== who.tenant.id) throw invalid('');
    uploads.push(upload);
  }
  return uploads;
}

function ruleOf(body: JsonObject): ProcessRule {
  const given = record(body['process_rule']);
  const { mode } = given;
  if (mode === undefined) throw invalid('Process rule is required');
  if (mode === 'automatic') return { mode, rules: automaticRules };
  if (mode === 'hierarchical') throw new NotKnown('hierarchical segmentation');
  if (mode !== 'custom') throw invalid('Process rule mode is invalid');
  const rules = record(given['rules']);
  if (Object.keys(rules).length === 0) throw invalid('Process rule rules is required');
  if (!Array.isArray(rules['pre_processing_rules'])) throw invalid('Process rule pre_processing_rules is required');
  const segmentation = record(rules['segmentation']);
  if (Object.keys(segmentation).length === 0) throw invalid('Process rule segmentation is required');
  if (!segmentation['separator']) throw invalid('Process rule segmentation separator is required');
  if (!segmentation['max_tokens']) throw invalid('Process rule segmentation max_tokens is required');
  return { mode, rules };
}

function isUuid(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value);
}
