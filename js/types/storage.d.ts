/** Files: uploading them, how long they live, who may read them. */

/** Who may read a file. */
export interface StorageACL {
  default?: "hide" | "forbid" | "allow";
  rules?: { user: string; decision: "hide" | "forbid" | "allow" }[];
}

/** How long files live, and who may read them. */
export interface StorageSettings {
  /** Seconds, or one of these. `never` leaves it to the setting of the account. */
  expiresIn?: "never" | "immediate" | "1h" | "1d" | "7d" | "30d" | "1y" | number;
  initialAcl?: StorageACL;
}

/** Options of an upload. */
export interface UploadOptions {
  lifecycle?: StorageSettings;
}

/** fal's storage. */
export interface StorageClient {
  /** Uploads a file and resolves to its URL. */
  upload(file: Blob, options?: UploadOptions): Promise<string>;
  /** Uploads the files in an input; resolves to the input with their URLs in their places. */
  transformInput<Input>(input: Input): Promise<Input>;
}
