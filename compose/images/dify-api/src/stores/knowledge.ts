/** What a dataset is made of, as interfaces: uploads, datasets, documents, segments and the tasks for the worker. */

export interface Upload {
  id: string;
  tenantId: string;
  /** Where the file lies in the storage: `upload_files/<tenant>/<uuid>.<extension>`. */
  key: string;
  name: string;
  size: number;
  extension: string;
  mimeType: string;
  createdBy: string;
  createdAt: Date;
}

export interface NewUpload {
  id: string;
  tenantId: string;
  storageType: string;
  key: string;
  name: string;
  size: number;
  extension: string;
  mimeType: string;
  accountId: string;
  /** SHA3-256 in hexadecimal, as Dify keeps it. */
  hash: string;
  sourceUrl: string;
}

export interface UploadStore {
  create(upload: NewUpload): Promise<Upload>;
  find(id: string): Promise<Upload | null>;
}

/** The stores behind datasets. */
export interface KnowledgeStores {
  uploads: UploadStore;
}
