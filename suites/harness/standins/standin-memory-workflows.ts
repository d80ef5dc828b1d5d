import { randomUUID } from 'node:crypto';
import type { ApiToken, Stores } from '../../../compose/images/dify-api/src/stores/stores.ts';
import type {
  ApiKey,
  FinishedNodeExecution,
  FinishedRun,
  NewNodeExecution,
  NewRun,
  Workflow,
} from '../../../compose/images/dify-api/src/stores/workflow-stores.ts';

/** What the stores of workflows hold, for a test to look at. */
export interface KeptRuns {
  workflows: Workflow[];
  endUsers: { id: string; appId: string; sessionId: string }[];
  runs: (NewRun & Partial<FinishedRun>)[];
  nodes: (NewNodeExecution & Partial<FinishedNodeExecution>)[];
  /** The ids of the runs in the log of their app. */
  logged: string[];
}

type WorkflowStores = Pick<Stores, 'workflows' | 'keys' | 'runs'>;

/** The stores of workflows, runs and keys without PostgreSQL. */
export function memoryWorkflows(at: Date): {
  stores: WorkflowStores;
  kept: KeptRuns;
  findToken(token: string, type: string): ApiToken | null;
} {
  const kept: KeptRuns = { workflows: [], endUsers: [], runs: [], nodes: [], logged: [] };
  const published = new Map<string, Workflow>();
  const keys: (ApiKey & ApiToken)[] = [];
  const stores: WorkflowStores = {
    workflows: {
      findDraft: async (_tenantId, appId) =>
        kept.workflows.find((one) => one.appId === appId && one.version === 'draft') ?? null,
      findPublished: async (_tenantId, appId) => published.get(appId) ?? null,
      saveDraft: async (tenantId, appId, accountId, content) => {
        const before = kept.workflows.find((one) => one.appId === appId && one.version === 'draft');
        if (before) return Object.assign(before, content, { updatedBy: accountId });
        const made: Workflow = {
          ...content,
          id: randomUUID(),
          tenantId,
          appId,
          version: 'draft',
          markedName: '',
          markedComment: '',
          createdBy: accountId,
          createdAt: at,
          updatedBy: null,
          updatedAt: at,
        };
        kept.workflows.push(made);
        return made;
      },
      publish: async (draft, accountId, { name, comment }) => {
        const copy = { ...draft, id: randomUUID(), version: '2026-11-24 19:46:18.000000', createdBy: accountId };
        const made = { ...copy, markedName: name, markedComment: comment };
        kept.workflows.push(made);
        published.set(draft.appId, made);
        return made;
      },
    },
    keys: {
      list: async (appId) => keys.filter((one) => one.appId === appId),
      create: async (tenantId, appId, token) => {
        const made = { id: randomUUID(), type: 'app', token, lastUsedAt: null, createdAt: at, appId, tenantId };
        keys.push(made);
        return made;
      },
    },
    runs: {
      endUser: async (_tenantId, appId, sessionId) => {
        const known = kept.endUsers.find((one) => one.appId === appId && one.sessionId === sessionId);
        if (known) return known.id;
        const made = { id: randomUUID(), appId, sessionId };
        kept.endUsers.push(made);
        return made.id;
      },
      startRun: async (run) => void kept.runs.push({ ...run }),
      finishRun: async (run) => void Object.assign(kept.runs.find(({ id }) => id === run.id) ?? {}, run),
      startNode: async (node) => void kept.nodes.push({ ...node }),
      finishNode: async (node) => void Object.assign(kept.nodes.find(({ id }) => id === node.id) ?? {}, node),
      logRun: async ({ id }) => void kept.logged.push(id),
    },
  };
  return {
    stores,
    kept,
    findToken: (token, type) => keys.find((one) => one.token === token && one.type === type) ?? null,
  };
}
