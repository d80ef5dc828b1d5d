import { pythonJson } from '../../../shared/src/python-json.ts';

/** What the steps of a run know of each other: values by the id of their node (`env` and `sys` among them) and a name. */
export class Variables {
  readonly #values = new Map<string, unknown>();

  /** Adds what a node gave. */
  add(nodeId: string, values: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(values)) this.#values.set(key(nodeId, name), value);
  }

  /** The value that a selector such as `["env", "NAME"]` leads to, its further parts into objects; undefined when none. */
  get(selector: unknown): unknown {
    if (!Array.isArray(selector)) return undefined;
    const [nodeId, name, ...inner] = selector.map(String);
    let value = this.#values.get(key(nodeId ?? '', name ?? ''));
    for (const member of inner) {
      value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[member] : undefined;
    }
    return value;
  }

  /** A text with its `{{#node.name#}}` replaced; those that lead nowhere stay. */
  fill(template: string): string {
    return template.replace(/\{\{#([\w-]{1,50}(?:\.\w{1,30}){1,10})#\}\}/g, (whole, path: string) => {
      const value = this.get(path.split('.'));
      if (value === undefined) return whole;
      if (value === null) return '';
      return typeof value === 'string' ? value : pythonJson(value);
    });
  }
}

function key(nodeId: string, name: string): string {
  return JSON.stringify([nodeId, name]);
}
