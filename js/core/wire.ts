/** What crosses between Rust and JavaScript. Generated from src/wire/ by `npm run generate:wire`: change it there. */

export const enum FailureKind {
  Internal = 0,
  CredentialsInBrowser = 1,
  ProxyUrlMissing = 2,
  ProxyUrlInvalid = 3,
  CredentialsMissing = 4,
  CredentialsMalformed = 5,
  EndpointIdInvalid = 6,
  RequestIdInvalid = 7,
  OptionInvalid = 8,
  InputInvalid = 9,
  Unreachable = 10,
  ConnectionLost = 11,
  Http = 12,
  AnswerInvalid = 13,
  Redirected = 14,
  TimedOut = 15,
  Aborted = 16,
  JobFailed = 17,
  FileUnreadable = 18,
  Stalled = 19,
  StreamFailed = 20,
  TokenUnavailable = 21,
  OutboxFull = 22,
  WebsocketMissing = 23,
  FetchFailed = 24,
  CallersOwn = 25,
  ServerOnly = 26,
  ScopeRequired = 27,
  WebassemblyMissing = 28,
}

export const enum Cancelled {
  NotAsked = 0,
  Accepted = 1,
  Refused = 2,
  Unknown = 3,
}

export const enum Payload {
  None = 0,
  Input = 1,
  FileDescription = 2,
  File = 3,
  Receipts = 4,
}

export const enum BodyKind {
  Anything = 0,
  Submitted = 1,
  Status = 2,
  Initiated = 3,
  Receipt = 4,
  Stream = 5,
  Nothing = 6,
  Explanation = 7,
}

export const enum BodyRead {
  Nothing = 0,
  Submitted = 1,
  Initiated = 2,
  InQueue = 3,
  InProgress = 4,
  Completed = 5,
  CompletedWithError = 6,
  Invalid = 7,
}

export const enum Output {
  Value = 0,
  Result = 1,
  File = 2,
  Nothing = 3,
}

export const enum Media {
  Json = 0,
  Text = 1,
  Bytes = 2,
  Events = 3,
  Html = 4,
}

export const enum Method {
  Get = 0,
  Post = 1,
  Put = 2,
  Delete = 3,
  Patch = 4,
}

export const enum Dropped {
  Superseded = 0,
  Full = 1,
  Lost = 2,
  Closed = 3,
}

export const enum ConnectionState {
  Opening = 0,
  Live = 1,
  Failed = 2,
  Closed = 3,
}

export const enum QueueState {
  InQueue = 0,
  InProgress = 1,
  Completed = 2,
}

export const enum EndpointError {
  TooShort = 0,
  TooLong = 1,
  Segment = 2,
  Url = 3,
}

export const enum ProxyUrlError {
  Empty = 1,
  NoScheme = 2,
  Scheme = 3,
  UserInfo = 4,
  Host = 5,
  Character = 6,
  Fal = 7,
}

export const enum OperationKind {
  Run = 0,
  Submit = 1,
  Subscribe = 2,
  Status = 3,
  Result = 4,
  Cancel = 5,
  Stream = 6,
  StreamStatus = 7,
  Upload = 8,
  IssueToken = 9,
  Platform = 10,
  Connect = 11,
}

export const enum RequestKind {
  Run = 0,
  Stream = 1,
  Submit = 2,
  Status = 3,
  Follow = 4,
  Result = 5,
  Cancel = 6,
  Initiate = 7,
  InitiateMultipart = 8,
  Put = 9,
  PutPart = 10,
  Complete = 11,
  TokenOlder = 12,
  TokenNewer = 13,
  Platform = 14,
}

export const enum EventKind {
  Started = 0,
  Read = 1,
  Chunk = 2,
  Ended = 3,
  Explained = 4,
  Paused = 5,
  Resumed = 6,
  Failed = 7,
  TimerFired = 8,
  Aborted = 9,
}

export const enum RealtimeEventKind {
  Queued = 0,
  Written = 1,
  TokenIssued = 2,
  TokenDenied = 3,
  Opened = 4,
  Received = 5,
  SessionEnded = 6,
  Unauthorized = 7,
  Closed = 8,
  TimerFired = 9,
  Left = 10,
}

export const enum SessionCandidate {
  Host = 0,
  Reflexive = 1,
  Relay = 2,
}

export const enum SessionPulse {
  Alive = 0,
  Dead = 1,
  Over = 2,
  Strange = 3,
  Lost = 4,
}

export const enum SessionWarning {
  BridgeSilent = 0,
  NoServers = 1,
  QueueFull = 2,
  Interrupted = 3,
  Resumed = 4,
  Reopening = 5,
  Unplugged = 6,
}

export const enum SessionFailure {
  MediaRefused = 0,
  OfferFailed = 1,
  NoRelay = 2,
  Refused = 3,
  AcceptanceUnknown = 4,
  AnswerInvalid = 5,
  Unconnected = 6,
  ConnectionLost = 7,
  ChannelClosed = 8,
  LeaseLost = 9,
  CutOff = 10,
}

export const enum SessionEventKind {
  Opened = 0,
  MediaReady = 1,
  MediaRefused = 2,
  IceGiven = 3,
  IceMissing = 4,
  Candidate = 5,
  Gathered = 6,
  OfferFailed = 7,
  Accepted = 8,
  Refused = 9,
  Applied = 10,
  AnswerInvalid = 11,
  ChannelOpened = 12,
  ChannelClosed = 13,
  Connected = 14,
  Disconnected = 15,
  Unconnected = 16,
  Ended = 17,
  Beaten = 18,
  TimerFired = 19,
  Queued = 20,
  Written = 21,
  Full = 22,
  Drained = 23,
  Hidden = 24,
  Shown = 25,
  Unplugged = 26,
  Left = 27,
}

export const enum SessionEffectKind {
  AskBridge = 0,
  AskApp = 1,
  MakePeer = 2,
  Offer = 3,
  Apply = 4,
  Beat = 5,
  Abort = 6,
  Sleep = 7,
  Cancel = 8,
  SendNext = 9,
  DropOldest = 10,
  Live = 11,
  Warn = 12,
  ClosePeer = 13,
  TellOver = 14,
  Failed = 15,
  Closed = 16,
}

export const enum Limit {
  Requests = 0,
  Jobs = 1,
  Spending = 2,
  Stopped = 3,
}

export const enum LimitVerdict {
  Ok = 0,
  Refused = 1,
  Question = 2,
  Replay = 3,
  Pending = 4,
  Reused = 5,
  Alarm = 6,
}

export const enum LimitOutcome {
  Unchanged = 0,
  Charged = 1,
  Free = 2,
  Began = 3,
  Released = 4,
  Lost = 5,
  Cancelled = 6,
}

export const enum KeyAfter {
  Unchanged = 0,
  Forgotten = 1,
  Answered = 2,
}

export const enum CallKind {
  Run = 0,
  Submit = 1,
  Result = 2,
  Token = 3,
  Upload = 4,
  Cancel = 5,
  Session = 6,
}

export const enum HoldingStep {
  TakePlace = 0,
  Take = 1,
  TakeOfAll = 2,
  NoteTotal = 3,
  GiveBack = 4,
  LookUp = 5,
  KeepPlace = 6,
  Held = 7,
  Refused = 8,
  Ask = 9,
  TakeAsked = 10,
  FindJobs = 11,
  AskForAll = 12,
  TakeOfAllAsked = 13,
}

export const enum HoldingEvent {
  Ok = 0,
  No = 1,
  Unknown = 2,
  Question = 3,
  Spent = 4,
}

export const enum TakingStep {
  Take = 0,
  Ask = 1,
  TakeAsked = 2,
  TakeOfAll = 3,
  FindJobs = 4,
  AskForAll = 5,
  TakeOfAllAsked = 6,
  GiveBack = 7,
  Taken = 8,
  Replay = 9,
  Refused = 10,
  AskAgain = 11,
  TakeAskedAgain = 12,
}

export const enum TakingEvent {
  Ok = 0,
  Question = 1,
  Replay = 2,
  Spent = 3,
  No = 4,
}

export const enum LineEventKind {
  Asked = 0,
  Opened = 1,
  Unsent = 2,
  Start = 3,
  End = 4,
  Frame = 5,
  Closed = 6,
  Failed = 7,
  FirstLeft = 8,
  OtherLeft = 9,
  Ended = 10,
}

export const enum LineTell {
  Nothing = 0,
  Begin = 1,
  Push = 2,
  Complete = 3,
  FailFirst = 4,
  FailAll = 5,
}

export const enum LineNext {
  Nothing = 0,
  Open = 1,
  Send = 2,
}

export const enum Who {
  Anybody = 0,
  KeyOptional = 1,
  Key = 2,
  Admin = 3,
}

export const enum RotationStep {
  Look = 0,
  Create = 1,
  Deploy = 2,
  Verify = 3,
  Revoke = 4,
}

export const enum RotationEffect {
  Nothing = 0,
  List = 1,
  Create = 2,
  Deploy = 3,
  Check = 4,
  Verify = 5,
  ListAgain = 6,
  Choose = 7,
  Revoke = 8,
  Done = 9,
  Missing = 10,
  Contested = 11,
  Denied = 12,
  Stopped = 13,
}

export const enum RotationEvent {
  Started = 0,
  Listed = 1,
  ListedAgain = 2,
  Done = 3,
  Yes = 4,
  No = 5,
  Failed = 6,
}

export const enum ProxyRefusal {
  Method = 0,
  CrossOrigin = 1,
  KeyLeaked = 2,
  Unauthenticated = 3,
  TargetMissing = 4,
  TargetInvalid = 5,
  Query = 6,
  Endpoint = 7,
  ContentType = 8,
  Misconfigured = 9,
  UpstreamAuth = 10,
  UpstreamRedirect = 11,
  UpstreamUnreachable = 12,
  RequestUnknown = 13,
  BodyTooLarge = 14,
  BodyIncomplete = 15,
  UpstreamTimeout = 16,
  Input = 17,
  Rate = 18,
  Jobs = 19,
  Budget = 20,
  PriceUnknown = 21,
  LimitsUnavailable = 22,
  KeyReused = 23,
  KeyPending = 24,
  UpstreamBroken = 25,
  AuthenticationUnavailable = 26,
  AppFailed = 27,
  Internal = 28,
  BodyTooSlow = 29,
  Stopped = 30,
  KeyRequired = 31,
  KeyRefused = 32,
  Attestation = 33,
  GrantRequired = 34,
  GrantInvalid = 35,
  GrantMismatch = 36,
  GrantExpired = 37,
  GrantUsed = 38,
  SessionOver = 39,
  ClientLeft = 40,
  ClientLeftWaiting = 41,
}

export const enum BridgeRoute {
  Ice = 0,
  Session = 1,
  Heartbeat = 2,
  Over = 3,
}

export const enum RouteKind {
  Run = 0,
  Stream = 1,
  Submit = 2,
  Status = 3,
  StatusStream = 4,
  Result = 5,
  Cancel = 6,
  Upload = 7,
  Token = 8,
}

export const enum Verdict {
  Proceed = -1,
  Preflight = -2,
}

export const enum Reader {
  Nobody = 0,
  Page = 1,
  PageWithCookies = 2,
}

export const enum AdmissionStep {
  Authenticate = 0,
  FindKey = 1,
  Route = 2,
  Rate = 3,
  Ownership = 4,
  Attest = 5,
  Grant = 6,
  SigningKey = 7,
  ReadBody = 8,
  Apps = 9,
  JudgeInput = 10,
  Webhook = 11,
  Reserve = 12,
  Pass = 13,
  Refuse = 14,
}

export const enum AdmissionEventKind {
  Ok = 0,
  GoesToModel = 1,
  GoesToBridge = 2,
  Refused = 3,
  Left = 4,
}

export const enum TokenStep {
  AskNewer = -1,
  AskOlder = -2,
  Give = -3,
}

export const enum CallStep {
  FindKey = 0,
  Send = 1,
  FindNextKey = 2,
  SendAgain = 3,
  Read = 4,
  Record = 5,
  Sign = 6,
  Pass = 7,
  Refuse = 8,
  Fail = 9,
}

export const enum CallEventKind {
  KeyFound = 0,
  NoOtherKey = 1,
  Answered = 2,
  Done = 3,
  Failed = 4,
}

export const enum WebhookRefusal {
  Method = 0,
  HeaderMissing = 1,
  HeaderInvalid = 2,
  TooOld = 3,
  TooNew = 4,
  Signature = 5,
  KeysUnavailable = 6,
  TooLarge = 7,
  Unreadable = 8,
  NotRaw = 9,
  Payload = 10,
  Unsupported = 11,
  Busy = 12,
  NotHandled = 13,
  Late = 14,
  Account = 15,
  RequestMismatch = 16,
  RequestUnknown = 17,
}

export const enum KeysStep {
  Use = 0,
  Ask = 1,
  Wait = 2,
  Fail = 3,
}

export const enum LeaseEffect {
  Nothing = 0,
  Take = 1,
  Look = 2,
  Clear = 3,
  Handle = 4,
  Remember = 5,
  Release = 6,
  Handled = 7,
  Forgotten = 8,
  Busy = 9,
  NotHandled = 10,
  StoreFailed = 11,
}

export const enum LeaseEvent {
  Delivered = 0,
  Marked = 1,
  WasMarked = 2,
  Unmarked = 3,
  Removed = 4,
  Handled = 5,
  Failed = 6,
}

export const enum EffectKind {
  Send = 0,
  Read = 1,
  Open = 2,
  Sleep = 3,
  Cancel = 4,
  Enqueued = 5,
  StatusRead = 6,
  PartAccepted = 7,
  Done = 8,
  Failed = 9,
}

export interface SendEffect {
  kind: EffectKind.Send;
  token: number;
  request: RequestKind;
  part: number;
  logs: boolean | number;
  toBackup: boolean | number;
}

export interface ReadEffect {
  kind: EffectKind.Read;
  token: number;
  media: Media;
  body: BodyKind;
}

export interface OpenEffect {
  kind: EffectKind.Open;
  token: number;
  media: Media;
  items: BodyKind;
}

export interface SleepEffect {
  kind: EffectKind.Sleep;
  token: number;
  duration: number;
}

export interface CancelEffect {
  kind: EffectKind.Cancel;
  token: number;
}

export interface EnqueuedEffect {
  kind: EffectKind.Enqueued;
}

export interface StatusReadEffect {
  kind: EffectKind.StatusRead;
}

export interface PartAcceptedEffect {
  kind: EffectKind.PartAccepted;
  part: number;
}

export interface DoneEffect {
  kind: EffectKind.Done;
  output: Output;
}

export interface FailedEffect {
  kind: EffectKind.Failed;
  failure: FailureKind;
  attempts: number;
  cancelled: Cancelled;
  isQueued: boolean | number;
  part: number;
  retryAfter: number;
}

export type Effect =
  | SendEffect
  | ReadEffect
  | OpenEffect
  | SleepEffect
  | CancelEffect
  | EnqueuedEffect
  | StatusReadEffect
  | PartAcceptedEffect
  | DoneEffect
  | FailedEffect;

/** The fields of each Effect, in order. */
export const EFFECT_FIELDS =
  "token request part logs toBackup,token media body,token media items,token duration,token,,,part,output,failure attempts cancelled isQueued part retryAfter".split(
    ",",
  );

export const enum RealtimeEffectKind {
  IssueToken = 0,
  Open = 1,
  SendNext = 2,
  DropOldest = 3,
  DropNewest = 4,
  DropAll = 5,
  Sleep = 6,
  Cancel = 7,
  Failed = 8,
  Changed = 9,
}

export interface IssueTokenRealtimeEffect {
  kind: RealtimeEffectKind.IssueToken;
  token: number;
}

export interface OpenRealtimeEffect {
  kind: RealtimeEffectKind.Open;
  token: number;
}

export interface SendNextRealtimeEffect {
  kind: RealtimeEffectKind.SendNext;
  token: number;
}

export interface DropOldestRealtimeEffect {
  kind: RealtimeEffectKind.DropOldest;
  why: Dropped;
}

export interface DropNewestRealtimeEffect {
  kind: RealtimeEffectKind.DropNewest;
  why: Dropped;
}

export interface DropAllRealtimeEffect {
  kind: RealtimeEffectKind.DropAll;
  why: Dropped;
}

export interface SleepRealtimeEffect {
  kind: RealtimeEffectKind.Sleep;
  token: number;
  duration: number;
}

export interface CancelRealtimeEffect {
  kind: RealtimeEffectKind.Cancel;
  token: number;
}

export interface FailedRealtimeEffect {
  kind: RealtimeEffectKind.Failed;
  failure: FailureKind;
  attempts: number;
}

export interface ChangedRealtimeEffect {
  kind: RealtimeEffectKind.Changed;
  state: ConnectionState;
}

export type RealtimeEffect =
  | IssueTokenRealtimeEffect
  | OpenRealtimeEffect
  | SendNextRealtimeEffect
  | DropOldestRealtimeEffect
  | DropNewestRealtimeEffect
  | DropAllRealtimeEffect
  | SleepRealtimeEffect
  | CancelRealtimeEffect
  | FailedRealtimeEffect
  | ChangedRealtimeEffect;

/** The fields of each RealtimeEffect, in order. */
export const REALTIME_EFFECT_FIELDS = "token,token,token,why,why,why,token duration,token,failure attempts,state".split(
  ",",
);

export const enum LimitWishKind {
  Reserve = 0,
}

export interface ReserveLimitWish {
  kind: LimitWishKind.Reserve;
  leaseMs: number;
  requestsMax: number;
  requestsWindowMs: number;
  jobsMax: number;
  cost: number;
  unit: number;
  spendingMax: number;
  spendingWindowMs: number;
  keepMs: number;
  askedJobs: boolean | number;
  askedSpending: boolean | number;
  countedOnly: boolean | number;
  alarmMax: number;
  alarmWindowMs: number;
  recordUntil: number;
  recordAnswered: boolean | number;
}

export type LimitWish = ReserveLimitWish;

/** The fields of each LimitWish, in order. */
export const LIMIT_WISH_FIELDS = [
  "leaseMs requestsMax requestsWindowMs jobsMax cost unit spendingMax spendingWindowMs keepMs askedJobs askedSpending countedOnly alarmMax alarmWindowMs recordUntil recordAnswered",
] as const;

export const enum AdmissionKind {
  Call = 0,
}

export interface CallAdmission {
  kind: AdmissionKind.Call;
  ownKeys: boolean | number;
  rate: boolean | number;
  ownership: boolean | number;
  attestation: boolean | number;
  grants: boolean | number;
  hasGrant: boolean | number;
  webhook: boolean | number;
  limits: boolean | number;
  watch: boolean | number;
}

export type Admission = CallAdmission;

/** The fields of each Admission, in order. */
export const ADMISSION_FIELDS = ["ownKeys rate ownership attestation grants hasGrant webhook limits watch"] as const;

/** The options of an operation that decide anything. What is not given is usual; of `status` there may be several. */
export interface CoreOptions {
  seed?: number | undefined;
  maxRetries?: number | undefined;
  baseDelay?: number | undefined;
  maxDelay?: number | undefined;
  backoffMultiplier?: number | undefined;
  enableJitter?: boolean | number | undefined;
  budget?: number | undefined;
  backupHosts?: boolean | number | undefined;
  status?: number | undefined;
  timeout?: number | undefined;
  idempotent?: boolean | number | undefined;
  logs?: boolean | number | undefined;
  fetches?: boolean | number | undefined;
  resumes?: boolean | number | undefined;
  polls?: boolean | number | undefined;
  pollInterval?: number | undefined;
  cancelOnTimeout?: boolean | number | undefined;
  cancelOnAbort?: boolean | number | undefined;
  idle?: number | undefined;
  size?: number | undefined;
  once?: boolean | number | undefined;
  newer?: boolean | number | undefined;
  takes?: boolean | number | undefined;
  gives?: BodyKind | undefined;
  needsToken?: boolean | number | undefined;
  throttle?: number | undefined;
  messages?: number | undefined;
  bytes?: number | undefined;
}

/** Their names, in order. */
export const OPTIONS =
  "seed maxRetries baseDelay maxDelay backoffMultiplier enableJitter budget backupHosts status timeout idempotent logs fetches resumes polls pollInterval cancelOnTimeout cancelOnAbort idle size once newer takes gives needsToken throttle messages bytes" as const;

/** HTTP methods, by their numbers. */
export const METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"] as const;

/** The text fields that decide something in a body of each kind. */
export const BODY_FIELDS = [
  "",
  "request_id status_url",
  "status error",
  "upload_url file_url",
  "etag",
  "",
  "",
  "",
] as const;

/** The code of each failure. */
export const FAILURE_CODES =
  "internal credentials_in_browser proxy_url_missing proxy_url_invalid credentials_missing credentials_malformed invalid_endpoint_id invalid_request_id invalid_option invalid_input unreachable connection_lost http invalid_answer redirected timeout aborted job_failed file_unreadable stream_stalled stream_failed token_unavailable outbox_full websocket_missing fetch_failed callers_own server_only scope_required webassembly_missing".split(
    " ",
  );

/** Failures after which the same call may succeed later. */
export const RETRYABLE: readonly number[] = [0, 10, 11, 15, 19, 22];

/** How many numbers the row of an effect takes. */
export const ROW_WORDS = 7;

/** Size of a part of a file but for the last, in bytes. */
export const PART_BYTES = 10485760;

/** Of sessions: how long fal keeps one, and its place is held, from a heartbeat on and at first. */
export const enum SessionSeconds {
  Lease = 15,
  Place = 25,
  FirstPlace = 150,
}

export const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

export const LEGACY_ID = /^([0-9]+)-([^\/]*)$/;

export const URL_PREFIX = /^[^:]*:\/\//;

export const REQUEST_ID = /^[A-Za-z0-9_-]{1,128}$/;

export const STATUS_URL = /^https:\/\/queue\.fal\.run\/(.+)\/requests\/([^\/]+)\/status$/;

export const FORBIDDEN = /[\x00-\x20\x7f\\]/;

export const ABSOLUTE = /^[^\/?#]*:/;

export const ADDRESS = /^http(s?):\/\/([^\/?#]*)/i;

export const HOST = /^(?:(?:[a-z0-9-]+\.)*[a-z0-9-]+\.?|\[::1\])(?::[0-9]{1,5})?$/i;

export const LOOPBACK = /^(?:localhost\.?|\[::1\]|127(?:\.[0-9]+)+\.?)(?::[0-9]+)?$/i;

export const FAL_HOST = /^(?:[^:]*\.)?(?:fal\.(?:run|ai|media)|falrun\.com)\.?(?::[0-9]+)?$/i;

export const KEY = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?::|%3a)[0-9a-f]{32}/i;

export const WHOLE_KEY = /^[!#-&(-9;-_a-~]+:[!#-&(-9;-_a-~]+$/;

export const CREDENTIAL = /^key +[^ ][^:]*:+[^:]/i;

export const EVENTS_TYPE = /^[ \t\n\f\r]*text\/event-stream[ \t\n\f\r]*(?:;|$)/i;

export const HTML_TYPE = /^[ \t\n\f\r]*text\/html[ \t\n\f\r]*(?:;|$)/i;

export const JSON_TYPE = /^(?:[ \t\n\f\r]*application\/json|[^;]*\+json)[ \t\n\f\r]*(?:;|$)/i;

export const TEXT_TYPE = /^[ \t\n\f\r]*(?:text\/|;|$)/i;

/** The longest endpoint id, in characters. */
export const MAX_ENDPOINT_LENGTH = 512;

/** Owners that have one more part between them and the app. */
export const NAMESPACES: readonly string[] = ["workflows", "comfy"];

/** Where a request in the queue can be. */
export const QUEUE_STATES = ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"];

/** The URLs of requests, by the numbers of `RequestKind`. */
export const ROUTES =
  "https://fal.run/{endpoint} https://fal.run/{endpoint}/stream https://queue.fal.run/{endpoint} https://queue.fal.run/{app}/requests/{requestId}/status?logs={logs} https://queue.fal.run/{app}/requests/{requestId}/status/stream?logs={logs} https://queue.fal.run/{app}/requests/{requestId} https://queue.fal.run/{app}/requests/{requestId}/cancel https://rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3 https://rest.fal.ai/storage/upload/initiate-multipart?storage_type=fal-cdn-v3 {place} {place}/{part} {place}/complete https://rest.fal.ai/tokens/ https://rest.fal.ai/tokens/realtime ".split(
    " ",
  );

/** What requests are like, by the numbers of `RequestKind`. */
export const REQUESTS: readonly (readonly [method: Method, payload: Payload, isToFal: number, isModels: number])[] = [
  [1, 1, 1, 1],
  [1, 1, 1, 1],
  [1, 1, 1, 0],
  [0, 0, 1, 0],
  [0, 0, 1, 1],
  [0, 0, 1, 1],
  [2, 0, 1, 0],
  [1, 2, 1, 0],
  [1, 2, 1, 0],
  [2, 3, 0, 0],
  [2, 3, 0, 0],
  [1, 4, 0, 0],
  [1, 1, 1, 1],
  [1, 1, 1, 1],
  [1, 1, 1, 1],
];

/** Before a webhook, and before the longest queue that is acceptable. */
export const SUBMISSION = ["fal_webhook=", "fal_max_queue_length="] as const;

/** The domain of fal's hosts, and the one that stands in for it. */
export const DOMAINS = ["fal.run", "falrun.com"] as const;
