/** Numbers that cross to and from the core. The core's tests hold them against its own (src/client/failure.rs). */

// What went wrong.
export const INTERNAL = 0;
export const CREDENTIALS_IN_BROWSER = 1;
export const PROXY_URL_MISSING = 2;
export const PROXY_URL_INVALID = 3;
export const CREDENTIALS_MISSING = 4;
export const CREDENTIALS_MALFORMED = 5;
export const ENDPOINT_ID_INVALID = 6;
export const REQUEST_ID_INVALID = 7;
export const OPTION_INVALID = 8;
export const INPUT_INVALID = 9;
export const UNREACHABLE = 10;
export const CONNECTION_LOST = 11;
export const HTTP = 12;
export const ANSWER_INVALID = 13;
export const REDIRECTED = 14;
export const TIMED_OUT = 15;
export const ABORTED = 16;
export const JOB_FAILED = 17;
export const FILE_UNREADABLE = 18;
export const STALLED = 19;
export const STREAM_FAILED = 20;
export const TOKEN_UNAVAILABLE = 21;
export const OUTBOX_FULL = 22;
export const WEBSOCKET_MISSING = 23;
export const FETCH_FAILED = 24;
export const CALLERS_OWN = 25;
export const SERVER_ONLY = 26;
export const SCOPE_REQUIRED = 27;

// Operations, and what happens to them (src/bindings/open.rs, task.rs).
export const RUN = 0;
export const SUBMIT = 1;
export const FOLLOW = 2;
export const STATUS = 3;
export const RESULT = 4;
export const CANCEL = 5;
export const STREAM = 6;
export const STREAM_STATUS = 7;
export const UPLOAD = 8;
export const MINT = 9;
export const CONNECT = 10;

export const TASK_STARTED = 0;
export const TASK_ENDED = 1;
export const TASK_PAUSED = 2;
export const TASK_RESUMED = 3;
export const TASK_FAILED = 4;
export const TASK_WOKE = 5;
export const TASK_ANSWERED = 6;
export const TASK_READ = 7;
export const TASK_ABORTED = 8;

// What a request carries.
export const PAYLOAD_NONE = 0;
export const PAYLOAD_INPUT = 1;
export const PAYLOAD_FILE_DESCRIPTION = 2;
export const PAYLOAD_FILE = 3;

// Size of a part of a file but for the last.
export const PART_BYTES = 10485760;

// What a body is expected to be, as far as the skin has to know.
export const EXPECT_ANYTHING = 0;
// What happened to a realtime connection, and what it wants done (src/bindings/realtime.rs).
export const SENT = 0;
export const MINTED = 1;
export const DENIED = 2;
export const OPENED = 3;
export const RECEIVED = 4;
export const ENDED = 5;
export const UNAUTHORIZED = 6;
export const CLOSED = 7;
export const WOKE = 8;
export const LEFT = 9;
