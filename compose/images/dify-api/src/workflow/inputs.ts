import type { JsonObject } from '../http/body.ts';
import { invalidValue } from './environment.ts';
import { inputFields } from './graph.ts';

/** What of the given inputs a workflow asks for. Throws the api's 400 when one is missing or too long. */
export function runInputs(graph: string, given: JsonObject): JsonObject {
  const fields = inputFields(graph);
  return Object.fromEntries(
    fields.map(({ variable, type, required, most }) => {
      const value = given[variable] ?? null;
      if (value === null) {
        if (required) throw invalidValue(`${variable} is required in input form`);
        return [variable, null];
      }
      if (['text-input', 'paragraph', 'select'].includes(type) && typeof value !== 'string') {
        throw invalidValue(`(type '${type}') ${variable} in input form must be a string`);
      }
      if (most && typeof value === 'string' && value.length > most) {
        throw invalidValue(`${variable} in input form must be less than ${most} characters`);
      }
      return [variable, value];
    }),
  );
}
