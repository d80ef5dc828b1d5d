/** What the api keeps of workflows, their runs and the keys of apps. Times are Dates; JSON is kept as text, as in Dify. */

export interface Workflow {
  id: string;
  tenantId: string;
  appId: string;
  /** `draft`, or the time of its publication. */
  version: string;
  markedName: string;
  markedComment: string;
  graph: string;
  features: string;
  environmentVariables: string;
  conversationVariables: string;
  createdBy: string;
  createdAt: Date;
  updatedBy: string | null;
  updatedAt: Date;
}

export interface DraftContent {
  graph: string;
  features: string;
  environmentVariables: string;
  conversationVariables: string;
}

export interface WorkflowStore {
  findDraft(tenantId: string, appId: string): Promise<Workflow | null>;
  /** The workflow that an app answers with. */
  findPublished(tenantId: string, appId: string): Promise<Workflow | null>;
  /** Makes the draft of an app or puts new content into it. */
  saveDraft(tenantId: string, appId: string, accountId: string, content: DraftContent): Promise<Workflow>;
  /** Makes a copy of a draft the workflow that the app answers with. */
  publish(draft: Workflow, accountId: string, marks: { name: string; comment: string }): Promise<Workflow>;
}

export interface ApiKey {
  id: string;
  type: string;
  token: string;
  lastUsedAt: Date | null;
  createdAt: Date;
}

export interface ApiKeyStore {
  list(appId: string): Promise<ApiKey[]>;
  create(tenantId: string, appId: string, token: string): Promise<ApiKey>;
}

/** Who started a run. */
export interface Starter {
  role: 'account' | 'end_user';
  id: string;
}

export interface NewRun {
  id: string;
  workflow: Workflow;
  triggeredFrom: 'debugging' | 'app-run';
  inputs: string;
  starter: Starter;
  createdAt: Date;
}

export type RunStatus = 'succeeded' | 'failed';

export interface FinishedRun {
  id: string;
  status: RunStatus;
  outputs: string;
  error: string;
  elapsedSeconds: number;
  steps: number;
  finishedAt: Date;
}

export interface NewNodeExecution {
  id: string;
  runId: string;
  workflow: Workflow;
  starter: Starter;
  index: number;
  predecessorId: string | null;
  executionId: string;
  nodeId: string;
  nodeType: string;
  title: string;
  createdAt: Date;
}

export interface FinishedNodeExecution {
  id: string;
  status: RunStatus;
  inputs: string | null;
  processData: string | null;
  outputs: string | null;
  error: string | null;
  elapsedSeconds: number;
  finishedAt: Date;
}

export interface RunStore {
  /** The id of the user that an app's own system named; made at the first call. */
  endUser(tenantId: string, appId: string, sessionId: string): Promise<string>;
  startRun(run: NewRun): Promise<void>;
  finishRun(run: FinishedRun): Promise<void>;
  startNode(node: NewNodeExecution): Promise<void>;
  finishNode(node: FinishedNodeExecution): Promise<void>;
  /** Enters a run of the service API into the log of its app. */
  logRun(run: NewRun): Promise<void>;
}
