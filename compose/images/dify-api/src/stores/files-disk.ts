import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { FileStore } from './stores.ts';

/** Files below a folder, as Dify's local storage keeps them. */
export function filesOnDisk(root: string): FileStore {
  const place = (name: string) => {
    const full = path.resolve(root, name);
    if (!full.startsWith(path.resolve(root) + path.sep)) throw new Error(`a name outside the storage: ${name}`);
    return full;
  };
  return {
    async save(name, data) {
      await mkdir(path.dirname(place(name)), { recursive: true });
      await writeFile(place(name), data);
    },
    async load(name) {
      try {
        return await readFile(place(name));
      } catch (error) {
        // Dify's words for it: they end up in a document's error.
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw new Error('File not found');
        throw error;
      }
    },
  };
}
