import { header, type HttpRequest } from '../../../shared/src/http-message.ts';
import { apiError } from './errors.ts';

/** One file of a form. */
export interface FormFile {
  name: string;
  /** The media type without parameters. */
  mimeType: string;
  content: Buffer;
}

/** The single file of a `multipart/form-data` request, and its other fields. Throws the api's error when there is none or more. */
export async function formFile(request: HttpRequest): Promise<{ file: FormFile; fields: Map<string, string> }> {
  const files = new Map<string, File>();
  const fields = new Map<string, string>();
  for (const [name, value] of await formEntries(request)) {
    if (typeof value === 'string') fields.set(name, value);
    else files.set(name, value);
  }
  const file = files.get('file');
  if (!file) {
    const message = 'The browser (or proxy) sent a request that this server could not understand.';
    throw apiError(400, 'bad_request_key_error', message);
  }
  if (files.size > 1) throw apiError(400, 'too_many_files', 'Only one file is allowed.');
  const mimeType = file.type.split(';')[0]?.trim().toLowerCase() ?? '';
  return { file: { name: file.name, mimeType, content: Buffer.from(await file.arrayBuffer()) }, fields };
}

/** Node's own parser reads the form. A body that is none has no fields, as Werkzeug sees it. */
async function formEntries(request: HttpRequest): Promise<[string, File | string][]> {
  const type = header(request, 'Content-Type');
  if (type === undefined) return [];
  try {
    const form = await new Response(request.body, { headers: { 'Content-Type': type } }).formData();
    return [...form.entries()];
  } catch {
    return [];
  }
}
