import type { KnowledgeStores, Upload } from '../../compose/images/dify-api/src/stores/knowledge.ts';

/** The stores of datasets without PostgreSQL and a broker: empty at first. */
export function memoryKnowledge(): KnowledgeStores {
  const started = new Date('2026-11-24T19:46:19Z');
  const uploads: Upload[] = [];
  return {
    uploads: {
      create: async ({ accountId, ...upload }) => {
        const made = { ...upload, createdBy: accountId, createdAt: started };
        uploads.push(made);
        return made;
      },
      find: async (id) => uploads.find((upload) => upload.id === id) ?? null,
    },
  };
}
