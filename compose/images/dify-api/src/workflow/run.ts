import { randomUUID } from 'node:crypto';
import { pythonJson } from '../../../shared/src/python-json.ts';
import type { JsonObject } from '../http/body.ts';
import type { Settings } from '../settings.ts';
import type { Stores } from '../stores/stores.ts';
import type { NewRun, RunStatus, Starter, Workflow } from '../stores/workflow-stores.ts';
import { environmentOf } from './environment.ts';
import { stepsOf, type GraphNode } from './graph.ts';
import { runNode } from './nodes.ts';
import type { NodeResult } from './node-result.ts';
import { Variables } from './variables.ts';

export interface RunOrder {
  workflow: Workflow;
  inputs: JsonObject;
  triggeredFrom: NewRun['triggeredFrom'];
  starter: Starter;
  /** The starter as the last event tells it. */
  startedBy: JsonObject;
  /** What `sys.user_id` is. */
  userId: string;
}

/** An event of a run in the form and order of the real 1.5.0. */
export interface RunEvent {
  event: 'workflow_started' | 'node_started' | 'node_finished' | 'workflow_finished';
  workflow_run_id: string;
  task_id: string;
  data: JsonObject;
}

interface Under {
  settings: Settings;
  stores: Stores;
}

/**
 * Runs a workflow step by step, keeps each in the store and tells it. A step that fails ends the run as failed. Rejects
 * before its first event when a secret cannot be decrypted, and at any time when the store is out of reach.
 */
export async function* runWorkflow({ settings, stores }: Under, order: RunOrder): AsyncGenerator<RunEvent> {
  const { workflow } = order;
  const variables = new Variables();
  const environment = await environmentOf(stores, workflow);
  variables.add('env', Object.fromEntries(environment.map(({ name, value }) => [name, value])));
  const run: NewRun = {
    id: randomUUID(),
    workflow,
    triggeredFrom: order.triggeredFrom,
    inputs: '',
    starter: order.starter,
    createdAt: new Date(),
  };
  const system = {
    files: [],
    user_id: order.userId,
    app_id: workflow.appId,
    workflow_id: workflow.id,
    workflow_run_id: run.id,
  };
  variables.add('sys', system);
  const named = Object.entries(system).map(([name, value]): [string, unknown] => [`sys.${name}`, value]);
  const started = { ...order.inputs, ...Object.fromEntries(named) };
  run.inputs = pythonJson(started);
  const ids = { workflow_run_id: run.id, task_id: randomUUID() };
  const begun = performance.now();
  await stores.runs.startRun(run);
  const about = { id: run.id, workflow_id: workflow.id };
  yield {
    event: 'workflow_started',
    ...ids,
    data: { ...about, inputs: started, created_at: seconds(run.createdAt) },
  };

  let last: NodeResult = { status: 'succeeded' };
  let steps = 0;
  let predecessor: GraphNode | null = null;
  for (const node of stepsOf(workflow.graph)) {
    steps += 1;
    const step = { id: randomUUID(), index: steps, createdAt: new Date(), predecessorId: predecessor?.id ?? null };
    await stores.runs.startNode({
      ...step,
      runId: run.id,
      workflow,
      starter: order.starter,
      executionId: randomUUID(),
      nodeId: node.id,
      nodeType: node.type,
      title: node.title,
    });
    yield { event: 'node_started', ...ids, data: startedData(node, step) };
    const nodeBegun = performance.now();
    last = await runNode(settings, node, variables, started);
    const ended = { elapsedSeconds: secondsSince(nodeBegun), finishedAt: new Date() };
    await stores.runs.finishNode({
      id: step.id,
      status: last.status,
      inputs: kept(last.inputs),
      processData: kept(last.processData),
      outputs: kept(last.outputs),
      error: last.error ?? null,
      ...ended,
    });
    yield { event: 'node_finished', ...ids, data: finishedData(node, step, last, ended) };
    if (last.status === 'failed') break;
    variables.add(node.id, last.outputs ?? {});
    predecessor = node;
  }

  const outcome = {
    status: last.status satisfies RunStatus,
    outputs: last.status === 'failed' ? null : predecessor?.type === 'end' ? (last.outputs ?? {}) : {},
    error: last.status === 'failed' ? (last.error ?? '') : '',
  };
  const elapsedSeconds = secondsSince(begun);
  const finishedAt = new Date();
  const outputs = pythonJson(outcome.outputs ?? {});
  await stores.runs.finishRun({ id: run.id, ...outcome, outputs, elapsedSeconds, steps, finishedAt });
  if (order.starter.role === 'end_user') await stores.runs.logRun(run);
  yield {
    event: 'workflow_finished',
    ...ids,
    data: {
      ...about,
      ...outcome,
      elapsed_time: elapsedSeconds,
      total_tokens: 0,
      total_steps: steps,
      created_by: order.startedBy,
      created_at: seconds(run.createdAt),
      finished_at: seconds(finishedAt),
      exceptions_count: 0,
      files: [],
    },
  };
}

interface Step {
  id: string;
  index: number;
  createdAt: Date;
  predecessorId: string | null;
}

const alone = {
  parallel_id: null,
  parallel_start_node_id: null,
  parent_parallel_id: null,
  parent_parallel_start_node_id: null,
  iteration_id: null,
  loop_id: null,
};

function startedData(node: GraphNode, step: Step): JsonObject {
  return {
    ...headOf(node, step),
    inputs: null,
    created_at: seconds(step.createdAt),
    extras: {},
    ...alone,
    parallel_run_id: null,
    agent_strategy: null,
  };
}

function finishedData(
  node: GraphNode,
  step: Step,
  result: NodeResult,
  ended: { elapsedSeconds: number; finishedAt: Date },
): JsonObject {
  return {
    ...headOf(node, step),
    inputs: result.inputs ?? null,
    process_data: result.processData ?? null,
    outputs: result.outputs ?? null,
    status: result.status,
    error: result.error ?? null,
    elapsed_time: ended.elapsedSeconds,
    execution_metadata: {},
    created_at: seconds(step.createdAt),
    finished_at: seconds(ended.finishedAt),
    files: [],
    ...alone,
  };
}

function headOf(node: GraphNode, step: Step): JsonObject {
  return {
    id: step.id,
    node_id: node.id,
    node_type: node.type,
    title: node.title,
    index: step.index,
    predecessor_node_id: step.predecessorId,
  };
}

function kept(value: JsonObject | undefined): string | null {
  return value === undefined ? null : pythonJson(value);
}

function seconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}

function secondsSince(begun: number): number {
  return Math.round((performance.now() - begun) * 1000) / 1_000_000;
}
