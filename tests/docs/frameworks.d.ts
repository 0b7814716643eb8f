/** What frameworks give to an app that has them installed. */

declare module "$app/env/private" {
  export const FAL_KEY: string | undefined;
  export const FAL_BASE_URL: string | undefined;
}

declare module "@sveltejs/kit/env" {
  export function defineEnvVars<T>(
    variables: Record<string, { schema?: (value: string | undefined) => T | undefined }>,
  ): Record<string, T>;
}
