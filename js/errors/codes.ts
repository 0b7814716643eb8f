/** The codes of errors, for programs that tell them apart. Types only: nothing of this reaches a page. */

/** What goes wrong before fal answers, or without its answer. */
type OwnCode =
  | "aborted"
  | "connection_closed"
  | "connection_lost"
  | "credentials_in_browser"
  | "credentials_malformed"
  | "credentials_missing"
  | "fetch_failed"
  | "file_unreadable"
  | "internal"
  | "invalid_answer"
  | "invalid_endpoint_id"
  | "invalid_input"
  | "invalid_option"
  | "invalid_request_id"
  | "job_failed"
  | "key_not_found"
  | "outbox_full"
  | "proxy_url_invalid"
  | "proxy_url_missing"
  | "redirected"
  | "rotation_stopped"
  | "scope_required"
  | "server_only"
  | "start_timeout"
  | "stream_failed"
  | "stream_stalled"
  | "timeout"
  | "token_unavailable"
  | "unreachable"
  | "webassembly_missing"
  | "websocket_missing";

/** What fal answers, by status and words. */
type AnswerCode =
  | "account_locked"
  | "bad_request"
  | "balance_exhausted"
  | "concurrency_limit"
  | "forbidden"
  | "in_progress"
  | "method_not_allowed"
  | "not_found"
  | "payload_too_large"
  | "permission_missing"
  | "rate_limited"
  | "request_failed"
  | "server_error"
  | "unauthorized"
  | "validation_error";

/** What models answer, in fal's own names. */
type ModelCode =
  | "archive_file_count_below_minimum"
  | "archive_file_count_exceeds_maximum"
  | "audio_duration_too_long"
  | "audio_duration_too_short"
  | "content_policy_violation"
  | "downstream_service_error"
  | "downstream_service_unavailable"
  | "face_detection_error"
  | "feature_not_supported"
  | "file_download_error"
  | "file_too_large"
  | "generation_timeout"
  | "greater_than"
  | "greater_than_equal"
  | "image_load_error"
  | "image_too_large"
  | "image_too_small"
  | "internal_server_error"
  | "invalid_archive"
  | "less_than"
  | "less_than_equal"
  | "multiple_of"
  | "no_media_generated"
  | "one_of"
  | "sequence_too_long"
  | "sequence_too_short"
  | "unsupported_audio_format"
  | "unsupported_image_format"
  | "unsupported_video_format"
  | "video_duration_too_long"
  | "video_duration_too_short";

/** What the proxy of this package refuses a call with. */
export type ProxyRefusalCode =
  | "app_failed"
  | "app_stopped"
  | "attestation_failed"
  | "authentication_unavailable"
  | "body_incomplete"
  | "body_too_large"
  | "body_too_slow"
  | "budget_exhausted"
  | "client_left"
  | "client_left_waiting"
  | "content_type_not_allowed"
  | "credentials_in_browser"
  | "cross_origin"
  | "endpoint_not_allowed"
  | "grant_expired"
  | "grant_invalid"
  | "grant_mismatch"
  | "grant_required"
  | "grant_used"
  | "session_over"
  | "idempotency_key_pending"
  | "idempotency_key_reused"
  | "input_not_allowed"
  | "internal"
  | "key_refused"
  | "key_required"
  | "limits_unavailable"
  | "method_not_allowed"
  | "misconfigured"
  | "price_unknown"
  | "query_not_allowed"
  | "rate_limited"
  | "request_not_found"
  | "target_invalid"
  | "target_missing"
  | "too_many_jobs"
  | "unauthenticated"
  | "upstream_auth"
  | "upstream_broken"
  | "upstream_redirect"
  | "upstream_timeout"
  | "upstream_unreachable";

/** The codes this version knows. `Extract<FalErrorCode, …>` and an exhaustive `switch` go by this one. */
export type KnownFalErrorCode = OwnCode | AnswerCode | ModelCode | ProxyRefusalCode;

/**
 * The code of an error: an editor completes those that are known. fal, and a proxy of another version, may send others, so
 * that every text is one.
 *
 * ```ts
 * if (error instanceof FalError && error.code === "content_policy_violation") …
 * ```
 */
export type FalErrorCode = KnownFalErrorCode | (string & {});
