import type { JsonObject } from '../http/body.ts';

/** What a step gave. What it has none of is absent. */
export interface NodeResult {
  status: 'succeeded' | 'failed';
  inputs?: JsonObject;
  processData?: JsonObject;
  outputs?: JsonObject;
  error?: string;
}
