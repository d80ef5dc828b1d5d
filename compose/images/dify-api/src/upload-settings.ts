import { integer, text, type Environment } from '../../shared/src/environment.ts';

/** What Dify's api lets be uploaded, by the names and defaults of its environment. Sizes in MB, as the console shows them. */
export interface UploadSettings {
  fileMegabytes: number;
  imageMegabytes: number;
  videoMegabytes: number;
  audioMegabytes: number;
  filesABatch: number;
  filesAWorkflow: number;
  /** How long a signed address of a file is good. */
  accessSeconds: number;
  /** What signed addresses start with; empty for an address without a host. */
  filesUrl: string;
  storageType: string;
}

/** Reads the settings; throws an Error that names the variable when one cannot be read. */
export function readUploadSettings(env: Environment): UploadSettings {
  return {
    fileMegabytes: integer(env, 'UPLOAD_FILE_SIZE_LIMIT', 15),
    imageMegabytes: integer(env, 'UPLOAD_IMAGE_FILE_SIZE_LIMIT', 10),
    videoMegabytes: integer(env, 'UPLOAD_VIDEO_FILE_SIZE_LIMIT', 100),
    audioMegabytes: integer(env, 'UPLOAD_AUDIO_FILE_SIZE_LIMIT', 50),
    filesABatch: integer(env, 'UPLOAD_FILE_BATCH_LIMIT', 5),
    filesAWorkflow: integer(env, 'WORKFLOW_FILE_UPLOAD_LIMIT', 10),
    accessSeconds: integer(env, 'FILES_ACCESS_TIMEOUT', 300),
    filesUrl: text(env, 'FILES_URL', text(env, 'CONSOLE_API_URL')),
    storageType: text(env, 'STORAGE_TYPE', 'opendal'),
  };
}

const images = ['jpg', 'jpeg', 'png', 'webp', 'gif', 'svg'];
const videos = ['mp4', 'mov', 'mpeg', 'mpga'];
const audios = ['mp3', 'm4a', 'wav', 'webm', 'amr'];

/** What a dataset takes, with Dify's own extraction (ETL_TYPE=dify). */
export const documentExtensions: readonly string[] =
  'txt markdown md mdx pdf html htm xlsx xls docx csv vtt properties'.split(' ');

/** The largest file with this extension, in bytes. */
export function mostBytes(settings: UploadSettings, extension: string): number {
  const megabytes = images.includes(extension)
    ? settings.imageMegabytes
    : videos.includes(extension)
      ? settings.videoMegabytes
      : audios.includes(extension)
        ? settings.audioMegabytes
        : settings.fileMegabytes;
  return megabytes * 1024 * 1024;
}
