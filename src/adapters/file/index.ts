/** `evenkeel/file`: checkpoints in files. Node only. */
export { FileStore, type FileStoreOptions } from './file-store.js';
