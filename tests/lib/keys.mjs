/** The canary: one key, used through the whole test run. It opens the emulator and nothing else in the world. */

export const KEY_ID = "5ca1ab1e-0000-4000-8000-00c0ffee0001";
export const KEY_SECRET = "feedfacecafebeefdeadbea7f005ba11";
export const KEY = `${KEY_ID}:${KEY_SECRET}`;

/** Another account's key, and one whose account is locked. */
export const OTHER_KEY = "5ca1ab1e-0000-4000-8000-00c0ffee0002:0123456789abcdef0123456789abcdef";
export const LOCKED_KEY = "5ca1ab1e-0000-4000-8000-00c0ffee0003:00112233445566778899aabbccddeeff";
export const ADMIN_KEY = "5ca1ab1e-0000-4000-8000-00c0ffee0004:ffeeddccbbaa99887766554433221100";

/** What the emulator is told about them. */
export const ACCOUNTS = JSON.stringify([
  { key: KEY, scope: "API", account: "canary" },
  { key: ADMIN_KEY, scope: "ADMIN", account: "canary" },
  { key: OTHER_KEY, scope: "API", account: "other" },
  { key: LOCKED_KEY, scope: "API", account: "locked", locked: true },
]);
