import type { HttpRequest } from '../../../shared/src/http-message.ts';
import { record } from '../celery/message.ts';
import { characterCount } from '../characters.ts';
import { json } from '../http/answers.ts';
import { jsonBody, optionalText, type JsonObject } from '../http/body.ts';
import { apiError, invalidParam } from '../http/errors.ts';
import type { Rule } from '../http/flask.ts';
import { extractKeywords } from '../keywords.ts';
import type { Dataset } from '../stores/knowledge.ts';
import { requireLogin, type Api, type SignedIn } from './context.ts';
import { datasetDetail, hit } from './dataset-answers.ts';

const nameCharacters = 40;
const queryCharacters = 250;
const mostHits = 2;

/** The datasets of the console: the list, a new one, one of them, and what is found in it. */
export function datasetRules(api: Api): Rule[] {
  const { datasets, segments } = api.stores;
  return [
    {
      path: '/console/api/datasets',
      blueprint: 'console',
      views: {
        GET: async ({ request, query }) => {
          const { tenant } = await requireLogin(api, request);
          const { page, limit } = pageOf(query);
          const { total, datasets: found } = await datasets.list(tenant.id, page, limit);
          const data = found.map((dataset) => ({
            ...datasetDetail(dataset),
            embedding_available: isAvailable(dataset),
            partial_member_list: [],
          }));
          return json({ data, has_more: found.length === limit, limit, total, page });
        },
        POST: async ({ request }) => {
          const { account, tenant } = await requireLogin(api, request);
          const body = jsonBody(request);
          const name = optionalText(body, 'name');
          if (name === '' || characterCount(name) > nameCharacters) {
            throw invalidParam('name', 'type is required. Name must be between 1 to 40 characters.');
          }
          const indexingTechnique = techniqueOf(body, 'Invalid indexing technique.');
          if (indexingTechnique === 'high_quality') throw apiError(400, 'invalid_param', noEmbeddingModel);
          const description = optionalText(body, 'description');
          const made = await datasets.create({
            tenantId: tenant.id,
            name,
            description,
            indexingTechnique,
            accountId: account.id,
          });
          const taken = 'The dataset name already exists. Please modify your dataset name.';
          if (!made) throw apiError(409, 'dataset_name_duplicate', taken);
          return json(datasetDetail(made), 201);
        },
      },
    },
    {
      path: '/console/api/datasets/<uuid:dataset_id>',
      blueprint: 'console',
      views: {
        GET: async ({ request, params }) => {
          const { dataset } = await requireDataset(api, request, params);
          return json({ ...datasetDetail(dataset), embedding_available: isAvailable(dataset) });
        },
      },
    },
    {
      path: '/console/api/datasets/<uuid:dataset_id>/hit-testing',
      blueprint: 'console',
      views: {
        POST: async ({ request, params }) => {
          const { who, dataset } = await requireDataset(api, request, params);
          const body = jsonBody(request);
          const query = optionalText(body, 'query');
          if (query === '' || characterCount(query) > queryCharacters) {
            throw apiError(400, 'invalid_param', 'Query is required and cannot exceed 250 characters');
          }
          const found = await segments.findByNodes(dataset.id, await nodesFor(api, dataset, query, body));
          await segments.recordQuery(dataset.id, query, who.account.id);
          return json({ query: { content: query }, records: found.map(hit) });
        },
      },
    },
  ];
}

/** What Dify says when nothing can turn text into vectors. */
export const noEmbeddingModel = 'Default model not found for ModelType.TEXT_EMBEDDING';

/** Somebody signed in and a dataset of theirs. Throws the api's error otherwise. */
export async function requireDataset(
  api: Api,
  request: HttpRequest,
  params: Readonly<Record<string, string>>,
): Promise<{ who: SignedIn; dataset: Dataset }> {
  const who = await requireLogin(api, request);
  const dataset = await api.stores.datasets.find(params['dataset_id'] ?? '');
  if (!dataset) throw apiError(404, 'not_found', 'Dataset not found.');
  if (dataset.tenantId !== who.tenant.id) {
    throw apiError(403, 'forbidden', 'You do not have permission to access this dataset.');
  }
  return { who, dataset };
}

/** The technique that a body asks for; null when it asks for none. `message` is the error's. */
export function techniqueOf(body: JsonObject, message?: string): string | null {
  const given = body['indexing_technique'] ?? null;
  if (given === null || given === 'economy' || given === 'high_quality') return given;
  throw invalidParam('indexing_technique', message ?? `${JSON.stringify(given)} is not a valid choice`);
}

/** The page that is asked for. What is no number is the default, as Werkzeug reads arguments of a type. */
export function pageOf(query: URLSearchParams): { page: number; limit: number } {
  const number = (name: string, fallback: number) => {
    const given = query.get(name) ?? '';
    return /^\d+$/.test(given) && Number(given) > 0 ? Number(given) : fallback;
  };
  return { page: number('page', 1), limit: Math.min(100, number('limit', 20)) };
}

/** Whether the model that made the dataset's vectors is there: the stand-in has none. */
function isAvailable(dataset: Dataset): boolean {
  return dataset.indexingTechnique !== 'high_quality';
}

/** The segments with most of the query's keywords. Any other method needs vectors, and vectors a model. */
async function nodesFor(api: Api, dataset: Dataset, query: string, body: JsonObject): Promise<string[]> {
  const model = record(body['retrieval_model']);
  if (model['search_method'] !== 'keyword_search') throw apiError(400, 'invalid_param', noEmbeddingModel);
  const table = await api.stores.segments.keywordTable(dataset.id);
  const counts = new Map<string, number>();
  for (const word of extractKeywords(query)) {
    for (const node of table.get(word) ?? []) counts.set(node, (counts.get(node) ?? 0) + 1);
  }
  const most = typeof model['top_k'] === 'number' ? model['top_k'] : mostHits;
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([node]) => node);
}
