import type { JsonObject } from '../http/body.ts';

/** A step of a workflow. */
export interface GraphNode {
  id: string;
  type: string;
  title: string;
  data: JsonObject;
}

/** A question of the start node. */
export interface InputField {
  variable: string;
  type: string;
  required: boolean;
  /** In characters; null when there is no limit. */
  most: number | null;
  /** As it was drawn, for whoever shows the form. */
  drawn: JsonObject;
}

/**
 * The steps of a drawn workflow in the order in which they run: from the start node along the edges, each once. Branches
 * run one after the other.
 */
export function stepsOf(graph: string): GraphNode[] {
  const drawn = objectOf(JSON.parse(graph));
  const nodes = listOf(drawn['nodes']).map(readNode);
  const edges = listOf(drawn['edges']);
  const steps: GraphNode[] = [];
  const waiting = nodes.filter(({ type }) => type === 'start').slice(0, 1);
  for (let node = waiting.shift(); node; node = waiting.shift()) {
    if (steps.includes(node)) continue;
    steps.push(node);
    for (const edge of edges) {
      if (edge['source'] !== node.id) continue;
      const next = nodes.find(({ id }) => id === edge['target']);
      if (next) waiting.push(next);
    }
  }
  return steps;
}

/** What a workflow asks of whoever starts it. */
export function inputFields(graph: string): InputField[] {
  const start = listOf(objectOf(JSON.parse(graph))['nodes'])
    .map(readNode)
    .find(({ type }) => type === 'start');
  return listOf(start?.data['variables']).map((drawn) => ({
    variable: textOf(drawn['variable']),
    type: textOf(drawn['type']),
    required: drawn['required'] === true,
    most: typeof drawn['max_length'] === 'number' ? drawn['max_length'] : null,
    drawn,
  }));
}

function readNode(node: JsonObject): GraphNode {
  const data = objectOf(node['data']);
  return { id: textOf(node['id']), type: textOf(data['type']), title: textOf(data['title']), data };
}

/** The members of a value that is an object, none of any other. */
export function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** The objects of a list. */
export function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

/** A text, or the empty one. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
