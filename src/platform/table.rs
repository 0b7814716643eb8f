//! Made by `npm run generate` from fal's OpenAPI document.

/// Every operation: method, letters, path, and where its pages keep their items.
pub(super) const TABLE: &str = "\
GET oc--j /models models
GET k---j /models/pricing
POST k--jj /models/pricing/estimate
GET ac--j /models/usage time_series
GET kc--j /models/analytics time_series
GET ac--j /models/billing-events billing_events
DELETE a-i-j /models/requests/{request_id}/payloads
GET kc--j /models/requests/by-endpoint items
GET kc--j /models/requests/search results
GET kc--j /workflows workflows
POST k--jj /workflows
GET k---j /workflows/{username}/{workflow_name}
GET kc--j /assets assets
GET ko--j /assets/collections collections
POST k-ijj /assets/collections
GET k---j /assets/collections/{collection_id}
PATCH k-ijj /assets/collections/{collection_id}
DELETE k-i-- /assets/collections/{collection_id}
GET k---j /assets/collections/{collection_id}/hierarchy
POST k-i-j /assets/collections/{collection_id}/favorite
POST k-i-j /assets/collections/{collection_id}/unfavorite
POST k-ijj /assets/collections/{collection_id}/move
GET kc--j /assets/collections/{collection_id}/assets assets
POST k-ijj /assets/collections/{collection_id}/assets
DELETE k-ij- /assets/collections/{collection_id}/assets
GET ko--j /assets/characters characters
POST k-ijj /assets/characters
GET k---j /assets/characters/{character_id}
PATCH k-ijj /assets/characters/{character_id}
DELETE k-i-- /assets/characters/{character_id}
POST k-i-j /assets/characters/{character_id}/favorite
POST k-i-j /assets/characters/{character_id}/unfavorite
GET k---j /assets/tags
POST k-ijj /assets/tags
PUT k-ijj /assets/tags
PATCH k-ijj /assets/tags/{tag_id}
DELETE k-i-- /assets/tags/{tag_id}
POST k-ijj /assets/uploads
GET k---j /assets/{asset_id}
GET k---j /assets/{asset_id}/lineage
POST k-ijj /assets/favorite
POST k-ijj /assets/unfavorite
GET k---j /assets/{asset_id}/tags
POST k-ijj /assets/tags/{tag_id}/assign
DELETE k-ij- /assets/tags/{tag_id}/assign
GET k---j /storage/files/acl
PUT k--jj /storage/files/acl
POST k--jj /storage/files/sign
GET k---j /storage/settings
PUT k--jj /storage/settings
GET kc--j /serverless/analytics time_series
GET k---j /serverless/apps
GET k---j /serverless/apps/{owner}/{name}/queue
DELETE k-i-- /serverless/apps/{owner}/{name}/queue
GET k---j /serverless/apps/{owner}/{name}/runners/history
GET kc--j /serverless/apps/{owner}/{name}/events events
GET kc--j /serverless/apps/{owner}/{name}/revisions revisions
GET k---j /serverless/files/list
GET k---j /serverless/files/list/{dir}
GET k---b /serverless/files/file/{file}
POST k--jj /serverless/files/file/url/{file}
POST k--mj /serverless/files/file/local/{target_path}
GET k---t /serverless/metrics
POST kc-jj /serverless/logs/history items
POST k--je /serverless/logs/stream
GET kc--j /serverless/requests/by-endpoint items
GET ac--j /serverless/usage time_series
GET ac--j /compute/instances instances
POST a-ijj /compute/instances
GET a---j /compute/instances/{id}
DELETE a---- /compute/instances/{id}
GET ac--j /keys keys
POST a--jj /keys
DELETE a-i-- /keys/{key_id}
GET a---j /account/billing
GET a---c /account/focus
GET k---c /account/model-access-controls
GET ac--j /organization/billing-events billing_events
GET a---c /organization/focus
GET a---j /organization/teams
GET ac--j /organization/usage time_series
GET n---j /meta
";
