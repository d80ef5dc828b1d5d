import type { NodeResult } from './node-result.ts';
import type { JsonObject } from '../http/body.ts';
import type { Settings } from '../settings.ts';
import { runCodeNode } from './code-node.ts';
import { listOf, textOf, type GraphNode } from './graph.ts';
import { runHttpNode } from './http-node.ts';
import type { Variables } from './variables.ts';

/** Runs one step. `started` is what the run was started with. Never rejects: a step that cannot be run has failed. */
export async function runNode(
  settings: Settings,
  node: GraphNode,
  variables: Variables,
  started: JsonObject,
): Promise<NodeResult> {
  try {
    switch (node.type) {
      case 'start':
        return { status: 'succeeded', inputs: started, outputs: started };
      case 'code':
        return await runCodeNode(settings, node.data, variables);
      case 'http-request':
        return await runHttpNode(settings, node.data, variables);
      case 'end':
        return endNode(node, variables);
      default:
        return { status: 'failed', error: `This stand-in does not run nodes of type ${node.type}.` };
    }
  } catch (error) {
    return { status: 'failed', error: error instanceof Error ? error.message : String(error) };
  }
}

function endNode(node: GraphNode, variables: Variables): NodeResult {
  const outputs = Object.fromEntries(
    listOf(node.data['outputs']).map((entry) => [
      textOf(entry['variable']),
      variables.get(entry['value_selector']) ?? null,
    ]),
  );
  return { status: 'succeeded', inputs: outputs, outputs };
}
