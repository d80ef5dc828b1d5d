import { pythonJson } from '../../../shared/src/python-json.ts';
import type { JsonObject } from '../http/body.ts';
import type { Settings } from '../settings.ts';
import { listOf, objectOf, textOf } from './graph.ts';
import { send } from '../http/client.ts';
import type { NodeResult } from './node-result.ts';
import type { Variables } from './variables.ts';

const connectWithinMs = 10_000;
const readWithinMs = 60_000;
const mark = '<<RESULT>>';

/** Runs the code of a code node in the sandbox and takes from its result what the node declares. */
export async function runCodeNode(settings: Settings, data: JsonObject, variables: Variables): Promise<NodeResult> {
  const inputs = Object.fromEntries(
    listOf(data['variables']).map((entry) => [
      textOf(entry['variable']),
      variables.get(entry['value_selector']) ?? null,
    ]),
  );
  try {
    const stdout = await execute(settings, textOf(data['code_language']), textOf(data['code']), inputs);
    return { status: 'succeeded', inputs, outputs: declared(resultIn(stdout), objectOf(data['outputs'])) };
  } catch (error) {
    return { status: 'failed', inputs, error: error instanceof Error ? error.message : String(error) };
  }
}

/** What the code wrote to its standard output. Throws with the words of Dify's code executor. */
async function execute(settings: Settings, language: string, code: string, inputs: JsonObject): Promise<string> {
  const wrapped = { python3: inPython, javascript: inJavascript }[language];
  if (!wrapped) throw new Error(`Unsupported language ${language}`);
  const answer = await ask(settings, {
    language: language === 'javascript' ? 'nodejs' : language,
    code: wrapped(code, Buffer.from(JSON.stringify(inputs)).toString('base64')),
    preload: '',
    enable_network: true,
  });
  if (answer['code'] !== 0) {
    throw new Error(`Got error code: ${textIn(answer['code'])}. Got error msg: ${textIn(answer['message'])}`);
  }
  const { error, stdout } = objectOf(answer['data']);
  if (typeof error === 'string' && error !== '') throw new Error(error);
  return textOf(stdout);
}

async function ask(settings: Settings, body: JsonObject): Promise<JsonObject> {
  const endpoint = settings.codeExecutionEndpoint.replace(/\/+$/, '');
  const answer = await send({
    method: 'POST',
    url: new URL(`${endpoint}/v1/sandbox/run`),
    headers: { 'X-Api-Key': settings.codeExecutionKey, 'Content-Type': 'application/json' },
    body: pythonJson(body),
    connectWithinMs,
    readWithinMs,
    verifyCertificate: true,
  }).catch((error: unknown) => {
    throw unreachable(error instanceof Error ? error.message : String(error));
  });
  if (answer.status === 503) throw new Error('Code execution service is unavailable');
  if (answer.status !== 200) {
    throw unreachable(
      `Failed to execute code, got status code ${answer.status}, please check if the sandbox service is running`,
    );
  }
  try {
    return objectOf(JSON.parse(answer.body.toString('utf8')));
  } catch (error) {
    throw new Error('Failed to parse response', { cause: error });
  }
}

function unreachable(because: string): Error {
  return new Error(
    'Failed to execute code, which is likely a network issue, please check if the sandbox service is running. ' +
      `( Error: ${because} )`,
  );
}

function inPython(code: string, inputs: string): string {
  return [
    code,
    '',
    'import base64, json',
    `given = json.loads(base64.b64decode('${inputs}').decode('utf-8'))`,
    'answer = json.dumps(main(**given), indent=4)',
    `print('${mark}' + answer + '${mark}')`,
    '',
  ].join('\n');
}

function inJavascript(code: string, inputs: string): string {
  return [
    code,
    '',
    `const given = JSON.parse(Buffer.from('${inputs}', 'base64').toString('utf8'))`,
    `console.log('${mark}' + JSON.stringify(main(given)) + '${mark}')`,
    '',
  ].join('\n');
}

function resultIn(stdout: string): JsonObject {
  const start = stdout.indexOf(mark);
  const end = stdout.lastIndexOf(mark);
  if (start < 0 || end <= start) throw new Error('Failed to parse result');
  let result: unknown;
  try {
    result = JSON.parse(stdout.slice(start + mark.length, end));
  } catch (error) {
    throw new Error(`Failed to parse JSON response: ${error instanceof Error ? error.message : ''}`, { cause: error });
  }
  if (typeof result !== 'object' || result === null || Array.isArray(result)) throw new Error('result must be a dict');
  return result as JsonObject;
}

/** The outputs that a node declares, each of its type. */
function declared(result: JsonObject, outputs: JsonObject): JsonObject {
  const names = Object.keys(outputs);
  for (const name of names) {
    if (!(name in result)) throw new Error(`Output ${name} is missing.`);
    const wrong = complaint(textOf(objectOf(outputs[name])['type']), name, result[name]);
    if (wrong) throw new Error(wrong);
  }
  if (names.length !== Object.keys(result).length) throw new Error('Not all output parameters are validated.');
  return Object.fromEntries(names.map((name) => [name, result[name]]));
}

function complaint(type: string, name: string, value: unknown): string | undefined {
  if (value === null) return undefined;
  if (type === 'string') return typeof value === 'string' ? undefined : `Output variable \`${name}\` must be a string`;
  if (type === 'number') return typeof value === 'number' ? undefined : `Output variable \`${name}\` must be a number`;
  const kind = Array.isArray(value) ? 'list' : typeof value === 'object' ? 'dict' : pythonType(value);
  if (type === 'object') {
    return kind === 'dict' ? undefined : `Output ${name} is not an object, got <class '${kind}'> instead.`;
  }
  if (!type.startsWith('array[')) return `Output type ${type} is not supported.`;
  return kind === 'list' ? undefined : `Output ${name} is not an array, got <class '${kind}'> instead.`;
}

function pythonType(value: unknown): string {
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return 'str';
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : pythonJson(value);
}
