/** Your own sign-in goes here. This one lets in who knows APP_PASSWORD, and nobody as long as there is none. */
export function userOf(request) {
  const { APP_PASSWORD } = process.env;
  const knows = APP_PASSWORD && request.headers.get("authorization") === `Basic ${btoa(`app:${APP_PASSWORD}`)}`;
  return knows ? { id: "app" } : null;
}
