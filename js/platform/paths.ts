/** Made by `npm run generate` from fal's OpenAPI document. */

export interface paths {
  "/models": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["getModels"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/models/pricing": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["getPricing"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/models/pricing/estimate": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["estimatePricing"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/models/usage": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["getUsage"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/models/analytics": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["getAnalytics"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/models/billing-events": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["getBillingEvents"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/models/requests/{request_id}/payloads": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    delete: operations["deleteRequestPayloads"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/models/requests/by-endpoint": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["listRequestsByEndpoint"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/models/requests/search": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["searchRequests"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/workflows": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["listWorkflows"];
    put?: never;
    post: operations["createWorkflow"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/workflows/{username}/{workflow_name}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["getWorkflow"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/assets": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["listAssets"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/assets/collections": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["listAssetCollections"];
    put?: never;
    post: operations["createAssetCollection"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/assets/collections/{collection_id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["getAssetCollection"];
    put?: never;
    post?: never;
    delete: operations["deleteAssetCollection"];
    options?: never;
    head?: never;
    patch: operations["updateAssetCollection"];
    trace?: never;
  };
  "/assets/collections/{collection_id}/hierarchy": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["getAssetCollectionHierarchy"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/assets/collections/{collection_id}/favorite": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["favoriteAssetCollection"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/assets/collections/{collection_id}/unfavorite": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["unfavoriteAssetCollection"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/assets/collections/{collection_id}/move": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["moveAssetCollection"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/assets/collections/{collection_id}/assets": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["listAssetCollectionAssets"];
    put?: never;
    post: operations["addAssetToCollection"];
    delete: operations["removeAssetFromCollection"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/assets/characters": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["listAssetCharacters"];
    put?: never;
    post: operations["createAssetCharacter"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/assets/characters/{character_id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["getAssetCharacter"];
    put?: never;
    post?: never;
    delete: operations["deleteAssetCharacter"];
    options?: never;
    head?: never;
    patch: operations["updateAssetCharacter"];
    trace?: never;
  };
  "/assets/characters/{character_id}/favorite": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["favoriteAssetCharacter"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/assets/characters/{character_id}/unfavorite": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["unfavoriteAssetCharacter"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/assets/tags": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["listAssetTags"];
    put: operations["setAssetTagsForAsset"];
    post: operations["createAssetTag"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/assets/tags/{tag_id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    delete: operations["deleteAssetTag"];
    options?: never;
    head?: never;
    patch: operations["updateAssetTag"];
    trace?: never;
  };
  "/assets/uploads": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["uploadAsset"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/assets/{asset_id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["getAsset"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/assets/{asset_id}/lineage": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["getAssetLineage"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/assets/favorite": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["favoriteAsset"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/assets/unfavorite": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["unfavoriteAsset"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/assets/{asset_id}/tags": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["listAssetTagsForAsset"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/assets/tags/{tag_id}/assign": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["assignAssetTag"];
    delete: operations["unassignAssetTag"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/storage/files/acl": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["getStorageFileAcl"];
    put: operations["setStorageFileAcl"];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/storage/files/sign": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["signStorageFileUrl"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/storage/settings": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["getStorageSettings"];
    put: operations["updateStorageSettings"];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/serverless/analytics": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["serverlessGetAnalytics"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/serverless/apps": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["serverlessListApps"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/serverless/apps/{owner}/{name}/queue": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["serverlessGetAppQueueInfo"];
    put?: never;
    post?: never;
    delete: operations["serverlessFlushAppQueue"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/serverless/apps/{owner}/{name}/runners/history": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["serverlessGetRunnerHistory"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/serverless/apps/{owner}/{name}/events": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["serverlessListAppEvents"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/serverless/apps/{owner}/{name}/revisions": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["serverlessListAppRevisions"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/serverless/files/list": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["serverlessListRoot"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/serverless/files/list/{dir}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["serverlessListDirectory"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/serverless/files/file/{file}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["serverlessDownloadFile"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/serverless/files/file/url/{file}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["serverlessUploadFromUrl"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/serverless/files/file/local/{target_path}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["serverlessUploadLocalFile"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/serverless/metrics": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["serverlessGetMetrics"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/serverless/logs/history": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["serverlessLogsHistory"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/serverless/logs/stream": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations["serverlessLogsStream"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/serverless/requests/by-endpoint": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["serverlessListRequestsByEndpoint"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/serverless/usage": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["serverlessGetUsage"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/compute/instances": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["listComputeInstances"];
    put?: never;
    post: operations["createComputeInstance"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/compute/instances/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["getComputeInstance"];
    put?: never;
    post?: never;
    delete: operations["deleteComputeInstance"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/keys": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["listApiKeys"];
    put?: never;
    post: operations["createApiKey"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/keys/{key_id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    delete: operations["deleteApiKey"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/account/billing": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["getAccountBilling"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/account/focus": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["getFocusReport"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/account/model-access-controls": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["getModelAccessControls"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/organization/billing-events": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["getOrganizationBillingEvents"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/organization/focus": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["getOrganizationFocusReport"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/organization/teams": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["getOrganizationTeams"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/organization/usage": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["getOrganizationUsage"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/meta": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations["getMeta"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: never;
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  getModels: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        endpoint_id?: string | string[];
        q?: string;
        category?: string;
        status?: "active" | "deprecated";
        expand?: string | string[];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            models: {
              endpoint_id: string;
              metadata?: {
                display_name: string;
                category: string;
                description: string;
                /** @enum {string} */
                status: "active" | "deprecated";
                tags: string[];
                updated_at: string;
                is_favorited: boolean | null;
                thumbnail_url: string;
                thumbnail_animated_url?: string;
                model_url: string;
                github_url?: string;
                /** @enum {string} */
                license_type?: "commercial" | "research" | "private";
                date: string;
                group?: {
                  key: string;
                  label: string;
                };
                /** @deprecated */
                highlighted: boolean;
                /** @enum {string} */
                kind?: "inference" | "training";
                training_endpoint_ids?: string[];
                inference_endpoint_ids?: string[];
                stream_url?: string;
                duration_estimate?: number;
                /** @deprecated */
                pinned: boolean;
              };
              openapi?:
                | ({
                    openapi: string;
                  } & {
                    [key: string]: unknown;
                  })
                | {
                    error: {
                      code: string;
                      message: string;
                    };
                  };
              enterprise_status?:
                | ("ready" | "pending")
                | {
                    error: {
                      code: string;
                      message: string;
                    };
                  };
            }[];
            next_cursor?: string | null;
            has_more: boolean;
          };
        };
      };
    };
  };
  getPricing: {
    parameters: {
      query: {
        endpoint_id: string | string[];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            next_cursor: string | null;
            has_more: boolean;
            prices: {
              endpoint_id: string;
              unit_price: number;
              unit: string;
              currency: string;
            }[];
          };
        };
      };
    };
  };
  estimatePricing: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json":
          | {
              /** @enum {string} */
              estimate_type: "historical_api_price";
              endpoints: {
                [key: string]: {
                  call_quantity: number;
                };
              };
            }
          | {
              /** @enum {string} */
              estimate_type: "unit_price";
              endpoints: {
                [key: string]: {
                  unit_quantity: number;
                };
              };
            };
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @enum {string} */
            estimate_type: "historical_api_price" | "unit_price";
            total_cost: number;
            currency: string;
          };
        };
      };
    };
  };
  getUsage: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        start?: string;
        end?: string;
        timezone?: string;
        timeframe?: "minute" | "hour" | "day" | "week" | "month";
        bound_to_timeframe?: "true" | "false";
        endpoint_id?: string | string[];
        api_key_id?: string | string[];
        login_username?: string | string[];
        expand?: string | string[];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            next_cursor: string | null;
            has_more: boolean;
            time_series?: {
              bucket: string;
              results: {
                endpoint_id: string;
                unit: string;
                quantity: number;
                unit_price: number;
                percent_discount: number | null;
                cost_subtotal: number;
                cost_discount: number;
                cost_total: number;
                /** @deprecated */
                cost: number;
                currency: string;
                auth_method?: string;
                auth_method_structured?: {
                  detail: string;
                  api_key_id?: string;
                  login_username?: string;
                };
              }[];
            }[];
            summary?: {
              endpoint_id: string;
              unit: string;
              quantity: number;
              unit_price: number;
              percent_discount: number | null;
              cost_subtotal: number;
              cost_discount: number;
              cost_total: number;
              /** @deprecated */
              cost: number;
              currency: string;
              auth_method?: string;
              auth_method_structured?: {
                detail: string;
                api_key_id?: string;
                login_username?: string;
              };
            }[];
          };
        };
      };
    };
  };
  getAnalytics: {
    parameters: {
      query: {
        limit?: number;
        cursor?: string;
        start?: string;
        end?: string;
        timezone?: string;
        timeframe?: "minute" | "hour" | "day" | "week" | "month";
        bound_to_timeframe?: "true" | "false";
        endpoint_id: string | string[];
        expand?: string | string[];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            next_cursor: string | null;
            has_more: boolean;
            time_series?: {
              bucket: string;
              results: {
                endpoint_id: string;
                request_count?: number;
                success_count?: number;
                user_error_count?: number;
                error_count?: number;
                p50_prepare_duration?: number;
                p75_prepare_duration?: number;
                p90_prepare_duration?: number;
                p95_prepare_duration?: number;
                p99_prepare_duration?: number;
                p50_duration?: number;
                p75_duration?: number;
                p90_duration?: number;
                p25_duration?: number;
                p95_duration?: number;
                p99_duration?: number;
                startup_error_count?: number;
                connection_error_count?: number;
                timeout_error_count?: number;
                runtime_error_count?: number;
                cold_boot_count?: number;
                p50_cold_boot_duration?: number;
                p75_cold_boot_duration?: number;
                p90_cold_boot_duration?: number;
                total_billable_duration?: number;
              }[];
            }[];
            summary?: {
              endpoint_id: string;
              request_count?: number;
              success_count?: number;
              user_error_count?: number;
              error_count?: number;
              p50_prepare_duration?: number;
              p75_prepare_duration?: number;
              p90_prepare_duration?: number;
              p95_prepare_duration?: number;
              p99_prepare_duration?: number;
              p50_duration?: number;
              p75_duration?: number;
              p90_duration?: number;
              p25_duration?: number;
              p95_duration?: number;
              p99_duration?: number;
              startup_error_count?: number;
              connection_error_count?: number;
              timeout_error_count?: number;
              runtime_error_count?: number;
              cold_boot_count?: number;
              p50_cold_boot_duration?: number;
              p75_cold_boot_duration?: number;
              p90_cold_boot_duration?: number;
              total_billable_duration?: number;
            }[];
          };
        };
      };
    };
  };
  getBillingEvents: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        start?: string;
        end?: string;
        endpoint_id?: string | string[];
        request_id?: string | string[];
        api_key_id?: string | string[];
        login_username?: string | string[];
        expand?: string | string[];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            next_cursor: string | null;
            has_more: boolean;
            billing_events: {
              request_id: string;
              endpoint_id: string;
              timestamp: string;
              output_units: number | null;
              unit_price: number | null;
              percent_discount: number | null;
              cost_subtotal: number;
              cost_discount: number;
              cost_total: number;
              cost_estimate_nano_usd: number;
              auth_method?: string;
              auth_method_structured?: {
                detail: string;
                api_key_id?: string;
                login_username?: string;
              };
            }[];
          };
        };
      };
    };
  };
  deleteRequestPayloads: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path: {
        request_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            cdn_delete_results: {
              link: string;
              exception: string | null;
            }[];
          };
        };
      };
    };
  };
  listRequestsByEndpoint: {
    parameters: {
      query: {
        limit?: number;
        cursor?: string;
        endpoint_id: string | string[];
        start?: string;
        end?: string;
        status?: "success" | "error" | "user_error";
        request_id?: string;
        expand?: string | string[];
        sort_by?: "ended_at" | "duration";
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            next_cursor: string | null;
            has_more: boolean;
            items: {
              /** Format: uuid */
              request_id: string;
              endpoint_id: string;
              /** Format: date-time */
              started_at: string;
              /** Format: date-time */
              sent_at: string;
              /** Format: date-time */
              ended_at?: string | null;
              status_code?: number | null;
              duration?: number | null;
              json_input?: unknown;
              json_output?: unknown;
            }[];
          };
        };
      };
    };
  };
  searchRequests: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        query?: string;
        image_url?: string;
        video_url?: string;
        endpoint_id?: string | string[];
        endpoint?: string;
        exclude_api_requests?: boolean;
        only_api_requests?: boolean;
        min_similarity?: number | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            next_cursor: string | null;
            has_more: boolean;
            results: {
              /** Format: uuid */
              request_id: string;
              endpoint_id: string;
              /** Format: date-time */
              started_at: string;
              /** Format: date-time */
              sent_at: string;
              /** Format: date-time */
              ended_at?: string | null;
              status_code?: number | null;
              duration?: number | null;
              json_input?: unknown;
              json_output?: unknown;
              similarity?: number;
            }[];
          };
        };
      };
    };
  };
  listWorkflows: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        search?: string;
        used_endpoint_ids?: string | string[];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            workflows: {
              name: string;
              title: string;
              user_nickname: string;
              created_at: string;
              thumbnail_url?: string;
              description?: string;
              tags: string[];
              endpoint_ids: string[];
            }[];
            next_cursor: string | null;
            has_more: boolean;
            total?: number;
          };
        };
      };
    };
  };
  createWorkflow: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          name: string;
          title: string;
          contents: {
            name: string;
            version: string;
            nodes: {
              [key: string]: {
                [key: string]: unknown;
              };
            };
            output: {
              [key: string]: string;
            };
            schema: {
              input: {
                [key: string]: unknown;
              };
              output: {
                [key: string]: unknown;
              };
            };
            metadata?: {
              [key: string]: unknown;
            };
          };
          /** @default false */
          is_public?: boolean;
        };
      };
    };
    responses: {
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            workflow: {
              name: string;
              title: string;
              user_nickname: string;
              created_at: string;
              is_public: boolean;
              contents: {
                [key: string]: unknown;
              };
            };
          };
        };
      };
    };
  };
  getWorkflow: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        username: string;
        workflow_name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            workflow: {
              name: string;
              title: string;
              user_nickname: string;
              created_at: string;
              is_public: boolean;
              contents: {
                [key: string]: unknown;
              };
            };
          };
        };
      };
    };
  };
  listAssets: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        q?: string;
        search_image_url?: string;
        search_video_url?: string;
        media_type?: ("image" | "video" | "audio" | "3d")[] | null;
        source?: ("upload" | "response")[] | null;
        section?: "all-media" | "uploads" | "favorites" | "generated";
        collection_id?: string;
        character_identifier?: string[] | null;
        tag_id?: string[] | null;
        tag_mode?: "any" | "all";
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            assets: {
              asset_id: string | null;
              vector_id: string;
              request_id: string | null;
              url: string | null;
              /** @enum {string} */
              type: "image" | "video" | "audio" | "3d";
              title: string;
              endpoint: string | null;
              created_at: string | null;
              source: string | null;
              prompt: string | null;
              width: number | null;
              height: number | null;
              content_type: string | null;
              is_favorited: boolean;
              collection_ids: string[];
              tags: {
                id: string;
                name: string;
                created_at: string | null;
              }[];
              similarity: number | null;
            }[];
            next_cursor: string | null;
            has_more: boolean;
            total_count: number | null;
            scope_truncated: boolean;
          };
        };
      };
    };
  };
  listAssetCollections: {
    parameters: {
      query?: {
        limit?: number;
        offset?: number | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            collections: {
              id: string;
              /** @enum {string} */
              type: "manual" | "smart" | "character";
              name: string;
              description: string | null;
              icon: string | null;
              color: string | null;
              cover_image_url: string | null;
              character_identifier: string | null;
              parent_collection_id: string | null;
              is_favorited: boolean;
              filters?: unknown;
              asset_count?: number | null;
              created_at: string;
              updated_at: string;
            }[];
          };
        };
      };
    };
  };
  createAssetCollection: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          name: string;
          description?: string | null;
          icon?: string | null;
          color?: string | null;
          /** Format: uri */
          cover_image_url?: string | null;
          parent_collection_id?: string | null;
          filters?: unknown;
        };
      };
    };
    responses: {
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            collection: {
              id: string;
              /** @enum {string} */
              type: "manual" | "smart" | "character";
              name: string;
              description: string | null;
              icon: string | null;
              color: string | null;
              cover_image_url: string | null;
              character_identifier: string | null;
              parent_collection_id: string | null;
              is_favorited: boolean;
              filters?: unknown;
              asset_count?: number | null;
              created_at: string;
              updated_at: string;
            };
          };
        };
      };
    };
  };
  getAssetCollection: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        collection_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            collection: {
              id: string;
              /** @enum {string} */
              type: "manual" | "smart" | "character";
              name: string;
              description: string | null;
              icon: string | null;
              color: string | null;
              cover_image_url: string | null;
              character_identifier: string | null;
              parent_collection_id: string | null;
              is_favorited: boolean;
              filters?: unknown;
              asset_count?: number | null;
              created_at: string;
              updated_at: string;
            };
          };
        };
      };
    };
  };
  deleteAssetCollection: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path: {
        collection_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  updateAssetCollection: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path: {
        collection_id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          name?: string;
          description?: string | null;
          icon?: string | null;
          color?: string | null;
          /** Format: uri */
          cover_image_url?: string | null;
          filters?: unknown;
        };
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            collection: {
              id: string;
              /** @enum {string} */
              type: "manual" | "smart" | "character";
              name: string;
              description: string | null;
              icon: string | null;
              color: string | null;
              cover_image_url: string | null;
              character_identifier: string | null;
              parent_collection_id: string | null;
              is_favorited: boolean;
              filters?: unknown;
              asset_count?: number | null;
              created_at: string;
              updated_at: string;
            };
          };
        };
      };
    };
  };
  getAssetCollectionHierarchy: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        collection_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            hierarchy: {
              id: string;
              name: string;
              /** @enum {string} */
              type: "manual" | "smart" | "character";
              children: {
                id: string;
                name: string;
                /** @enum {string} */
                type: "manual" | "smart" | "character";
                children: {
                  id: string;
                  name: string;
                  /** @enum {string} */
                  type: "manual" | "smart" | "character";
                  children: {
                    id: string;
                    name: string;
                    /** @enum {string} */
                    type: "manual" | "smart" | "character";
                    children: {
                      id: string;
                      name: string;
                      /** @enum {string} */
                      type: "manual" | "smart" | "character";
                      children: unknown[];
                    }[];
                  }[];
                }[];
              }[];
            };
            ancestors: {
              id: string;
              name: string;
              /** @enum {string} */
              type: "manual" | "smart" | "character";
            }[];
          };
        };
      };
    };
  };
  favoriteAssetCollection: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path: {
        collection_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            collection: {
              id: string;
              /** @enum {string} */
              type: "manual" | "smart" | "character";
              name: string;
              description: string | null;
              icon: string | null;
              color: string | null;
              cover_image_url: string | null;
              character_identifier: string | null;
              parent_collection_id: string | null;
              is_favorited: boolean;
              filters?: unknown;
              asset_count?: number | null;
              created_at: string;
              updated_at: string;
            };
          };
        };
      };
    };
  };
  unfavoriteAssetCollection: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path: {
        collection_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            collection: {
              id: string;
              /** @enum {string} */
              type: "manual" | "smart" | "character";
              name: string;
              description: string | null;
              icon: string | null;
              color: string | null;
              cover_image_url: string | null;
              character_identifier: string | null;
              parent_collection_id: string | null;
              is_favorited: boolean;
              filters?: unknown;
              asset_count?: number | null;
              created_at: string;
              updated_at: string;
            };
          };
        };
      };
    };
  };
  moveAssetCollection: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path: {
        collection_id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          parent_collection_id: string | null;
        };
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            collection: {
              id: string;
              /** @enum {string} */
              type: "manual" | "smart" | "character";
              name: string;
              description: string | null;
              icon: string | null;
              color: string | null;
              cover_image_url: string | null;
              character_identifier: string | null;
              parent_collection_id: string | null;
              is_favorited: boolean;
              filters?: unknown;
              asset_count?: number | null;
              created_at: string;
              updated_at: string;
            };
          };
        };
      };
    };
  };
  listAssetCollectionAssets: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        q?: string;
        search_image_url?: string;
        search_video_url?: string;
        media_type?: ("image" | "video" | "audio" | "3d")[] | null;
        source?: ("upload" | "response")[] | null;
        section?: "all-media" | "uploads" | "favorites" | "generated";
        character_identifier?: string[] | null;
        tag_id?: string[] | null;
        tag_mode?: "any" | "all";
      };
      header?: never;
      path: {
        collection_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            assets: {
              asset_id: string | null;
              vector_id: string;
              request_id: string | null;
              url: string | null;
              /** @enum {string} */
              type: "image" | "video" | "audio" | "3d";
              title: string;
              endpoint: string | null;
              created_at: string | null;
              source: string | null;
              prompt: string | null;
              width: number | null;
              height: number | null;
              content_type: string | null;
              is_favorited: boolean;
              collection_ids: string[];
              tags: {
                id: string;
                name: string;
                created_at: string | null;
              }[];
              similarity: number | null;
            }[];
            next_cursor: string | null;
            has_more: boolean;
            total_count: number | null;
            scope_truncated: boolean;
          };
        };
      };
    };
  };
  addAssetToCollection: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path: {
        collection_id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          asset_id?: string;
          request_id?: string;
          vector_id?: string;
        };
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            success: boolean;
          };
        };
      };
    };
  };
  removeAssetFromCollection: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path: {
        collection_id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          asset_id?: string;
          request_id?: string;
          vector_id?: string;
        };
      };
    };
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  listAssetCharacters: {
    parameters: {
      query?: {
        limit?: number;
        offset?: number | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            characters: {
              id: string;
              /** @enum {string} */
              type: "character";
              name: string;
              description: string | null;
              icon: string | null;
              color: string | null;
              cover_image_url: string | null;
              character_identifier: string | null;
              parent_collection_id: string | null;
              is_favorited: boolean;
              asset_count?: number | null;
              created_at: string;
              updated_at: string;
              reference_images: string[];
            }[];
          };
        };
      };
    };
  };
  createAssetCharacter: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          name: string;
          identifier?: string | null;
          description: string;
          reference_images: string[];
          /** Format: uri */
          cover_image_url?: string | null;
        };
      };
    };
    responses: {
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            character: {
              id: string;
              /** @enum {string} */
              type: "character";
              name: string;
              description: string | null;
              icon: string | null;
              color: string | null;
              cover_image_url: string | null;
              character_identifier: string | null;
              parent_collection_id: string | null;
              is_favorited: boolean;
              asset_count?: number | null;
              created_at: string;
              updated_at: string;
              reference_images: string[];
            };
          };
        };
      };
    };
  };
  getAssetCharacter: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        character_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            character: {
              id: string;
              /** @enum {string} */
              type: "character";
              name: string;
              description: string | null;
              icon: string | null;
              color: string | null;
              cover_image_url: string | null;
              character_identifier: string | null;
              parent_collection_id: string | null;
              is_favorited: boolean;
              asset_count?: number | null;
              created_at: string;
              updated_at: string;
              reference_images: string[];
            };
          };
        };
      };
    };
  };
  deleteAssetCharacter: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path: {
        character_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  updateAssetCharacter: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path: {
        character_id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          name?: string;
          description?: string;
          reference_images?: string[];
          /** Format: uri */
          cover_image_url?: string | null;
        };
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            character: {
              id: string;
              /** @enum {string} */
              type: "character";
              name: string;
              description: string | null;
              icon: string | null;
              color: string | null;
              cover_image_url: string | null;
              character_identifier: string | null;
              parent_collection_id: string | null;
              is_favorited: boolean;
              asset_count?: number | null;
              created_at: string;
              updated_at: string;
              reference_images: string[];
            };
          };
        };
      };
    };
  };
  favoriteAssetCharacter: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path: {
        character_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            character: {
              id: string;
              /** @enum {string} */
              type: "character";
              name: string;
              description: string | null;
              icon: string | null;
              color: string | null;
              cover_image_url: string | null;
              character_identifier: string | null;
              parent_collection_id: string | null;
              is_favorited: boolean;
              asset_count?: number | null;
              created_at: string;
              updated_at: string;
              reference_images: string[];
            };
          };
        };
      };
    };
  };
  unfavoriteAssetCharacter: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path: {
        character_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            character: {
              id: string;
              /** @enum {string} */
              type: "character";
              name: string;
              description: string | null;
              icon: string | null;
              color: string | null;
              cover_image_url: string | null;
              character_identifier: string | null;
              parent_collection_id: string | null;
              is_favorited: boolean;
              asset_count?: number | null;
              created_at: string;
              updated_at: string;
              reference_images: string[];
            };
          };
        };
      };
    };
  };
  listAssetTags: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            tags: {
              id: string;
              name: string;
              created_at: string | null;
            }[];
          };
        };
      };
    };
  };
  setAssetTagsForAsset: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          asset_id?: string;
          request_id?: string;
          vector_id?: string;
          tag_ids: string[];
        };
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            tags: {
              id: string;
              name: string;
              created_at: string | null;
            }[];
          };
        };
      };
    };
  };
  createAssetTag: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          name: string;
        };
      };
    };
    responses: {
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            tag: {
              id: string;
              name: string;
              created_at: string | null;
            };
          };
        };
      };
    };
  };
  deleteAssetTag: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path: {
        tag_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  updateAssetTag: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path: {
        tag_id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          name?: string;
        };
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            tag: {
              id: string;
              name: string;
              created_at: string | null;
            };
          };
        };
      };
    };
  };
  uploadAsset: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          /** Format: uri */
          url: string;
          /** @enum {string} */
          type: "image" | "video" | "audio" | "3d";
          prompt?: string | null;
          collection_id?: string | null;
          /** @default false */
          favorite?: boolean;
          /** @default [] */
          tag_ids?: string[];
        };
      };
    };
    responses: {
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            asset: {
              asset_id: string | null;
              vector_id: string;
              request_id: string | null;
              url: string | null;
              /** @enum {string} */
              type: "image" | "video" | "audio" | "3d";
              title: string;
              endpoint: string | null;
              created_at: string | null;
              source: string | null;
              prompt: string | null;
              width: number | null;
              height: number | null;
              content_type: string | null;
              is_favorited: boolean;
              collection_ids: string[];
              tags: {
                id: string;
                name: string;
                created_at: string | null;
              }[];
              similarity: number | null;
            };
          };
        };
      };
    };
  };
  getAsset: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        asset_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            asset: {
              asset_id: string | null;
              vector_id: string;
              request_id: string | null;
              url: string | null;
              /** @enum {string} */
              type: "image" | "video" | "audio" | "3d";
              title: string;
              endpoint: string | null;
              created_at: string | null;
              source: string | null;
              prompt: string | null;
              width: number | null;
              height: number | null;
              content_type: string | null;
              is_favorited: boolean;
              collection_ids: string[];
              tags: {
                id: string;
                name: string;
                created_at: string | null;
              }[];
              similarity: number | null;
            };
          };
        };
      };
    };
  };
  getAssetLineage: {
    parameters: {
      query?: {
        depth?: number;
      };
      header?: never;
      path: {
        asset_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            lineage: {
              focus: string;
              nodes: (
                | {
                    /** @enum {string} */
                    kind: "asset";
                    id: string;
                    output_key: string;
                    url: string | null;
                    /** @enum {string} */
                    type: "image" | "video" | "audio" | "text" | "3d";
                    request_id: string;
                    asset_id: string | null;
                    tombstone: boolean;
                  }
                | {
                    /** @enum {string} */
                    kind: "external_input";
                    id: string;
                    output_key: string;
                    url: string | null;
                  }
                | {
                    /** @enum {string} */
                    kind: "request";
                    id: string;
                    request_id: string;
                    endpoint: string | null;
                    prompt: string | null;
                    created_at: string | null;
                  }
                | {
                    /** @enum {string} */
                    kind: "entity";
                    id: string;
                    entity_id: string;
                    /** @enum {string} */
                    entity_type: "character";
                    name: string | null;
                    handle: string | null;
                    tombstone: boolean;
                  }
              )[];
              edges: {
                from: string;
                to: string;
                /** @enum {string} */
                kind: "input_to" | "generated_by" | "referenced_entity";
                role: ("source" | "content_ref" | "mask" | "control") | null;
                entities?: {
                  entity_id: string;
                  /** @enum {string} */
                  entity_type: "character";
                  name: string | null;
                  handle: string | null;
                }[];
              }[];
            };
          };
        };
      };
    };
  };
  favoriteAsset: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          asset_id?: string;
          request_id?: string;
          vector_id?: string;
        };
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            is_favorited: boolean;
          };
        };
      };
    };
  };
  unfavoriteAsset: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          asset_id?: string;
          request_id?: string;
          vector_id?: string;
        };
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            is_favorited: boolean;
          };
        };
      };
    };
  };
  listAssetTagsForAsset: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        asset_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            tags: {
              id: string;
              name: string;
              created_at: string | null;
            }[];
          };
        };
      };
    };
  };
  assignAssetTag: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path: {
        tag_id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          asset_id?: string;
          request_id?: string;
          vector_id?: string;
        };
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            success: boolean;
          };
        };
      };
    };
  };
  unassignAssetTag: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path: {
        tag_id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          asset_id?: string;
          request_id?: string;
          vector_id?: string;
        };
      };
    };
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  getStorageFileAcl: {
    parameters: {
      query: {
        url: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @enum {string} */
            default: "allow" | "forbid" | "hide";
            rules: {
              user: string;
              /** @enum {string} */
              decision: "allow" | "forbid" | "hide";
            }[];
          };
        };
      };
    };
  };
  setStorageFileAcl: {
    parameters: {
      query: {
        url: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          /** @enum {string} */
          default: "allow" | "forbid" | "hide";
          /** @default [] */
          rules?: {
            user: string;
            /** @enum {string} */
            decision: "allow" | "forbid" | "hide";
          }[];
        };
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @enum {string} */
            default: "allow" | "forbid" | "hide";
            rules: {
              user: string;
              /** @enum {string} */
              decision: "allow" | "forbid" | "hide";
            }[];
          };
        };
      };
    };
  };
  signStorageFileUrl: {
    parameters: {
      query: {
        url: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          expiration_seconds: number;
        };
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            signed_url: string;
          };
        };
      };
    };
  };
  getStorageSettings: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            expiration_duration_seconds: number | null;
            initial_acl: {
              /** @enum {string} */
              default: "allow" | "forbid" | "hide";
              rules: {
                user: string;
                /** @enum {string} */
                decision: "allow" | "forbid" | "hide";
              }[];
            } | null;
          };
        };
      };
    };
  };
  updateStorageSettings: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          expiration_duration_seconds?: number | null;
          initial_acl?: {
            /** @enum {string} */
            default: "allow" | "forbid" | "hide";
            /** @default [] */
            rules?: {
              user: string;
              /** @enum {string} */
              decision: "allow" | "forbid" | "hide";
            }[];
          } | null;
        };
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            expiration_duration_seconds: number | null;
            initial_acl: {
              /** @enum {string} */
              default: "allow" | "forbid" | "hide";
              rules: {
                user: string;
                /** @enum {string} */
                decision: "allow" | "forbid" | "hide";
              }[];
            } | null;
          };
        };
      };
    };
  };
  serverlessGetAnalytics: {
    parameters: {
      query: {
        limit?: number;
        cursor?: string;
        start?: string;
        end?: string;
        timezone?: string;
        timeframe?: "minute" | "hour" | "day" | "week" | "month";
        bound_to_timeframe?: "true" | "false";
        endpoint_id: string | string[];
        expand?: string | string[];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            next_cursor: string | null;
            has_more: boolean;
            time_series?: {
              bucket: string;
              results: {
                endpoint_id: string;
                request_count?: number;
                success_count?: number;
                user_error_count?: number;
                error_count?: number;
                p50_prepare_duration?: number;
                p75_prepare_duration?: number;
                p90_prepare_duration?: number;
                p95_prepare_duration?: number;
                p99_prepare_duration?: number;
                p50_duration?: number;
                p75_duration?: number;
                p90_duration?: number;
                p25_duration?: number;
                p95_duration?: number;
                p99_duration?: number;
                startup_error_count?: number;
                connection_error_count?: number;
                timeout_error_count?: number;
                runtime_error_count?: number;
                cold_boot_count?: number;
                p50_cold_boot_duration?: number;
                p75_cold_boot_duration?: number;
                p90_cold_boot_duration?: number;
                total_billable_duration?: number;
              }[];
            }[];
            summary?: {
              endpoint_id: string;
              request_count?: number;
              success_count?: number;
              user_error_count?: number;
              error_count?: number;
              p50_prepare_duration?: number;
              p75_prepare_duration?: number;
              p90_prepare_duration?: number;
              p95_prepare_duration?: number;
              p99_prepare_duration?: number;
              p50_duration?: number;
              p75_duration?: number;
              p90_duration?: number;
              p25_duration?: number;
              p95_duration?: number;
              p99_duration?: number;
              startup_error_count?: number;
              connection_error_count?: number;
              timeout_error_count?: number;
              runtime_error_count?: number;
              cold_boot_count?: number;
              p50_cold_boot_duration?: number;
              p75_cold_boot_duration?: number;
              p90_cold_boot_duration?: number;
              total_billable_duration?: number;
            }[];
          };
        };
      };
    };
  };
  serverlessListApps: {
    parameters: {
      query?: {
        environment?: string;
        search?: string;
        expand?: string | string[];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            apps: {
              endpoint_id: string;
              name: string;
              owner: string;
              environment: string;
              machine_type: string;
              /** @enum {string} */
              auth_mode: "private" | "public" | "shared";
              keep_alive: number;
              min_concurrency: number;
              max_concurrency: number;
              request_timeout: number;
              startup_timeout: number;
              valid_regions: string[];
              updated_at: string;
              endpoints?: string[];
            }[];
          };
        };
      };
    };
  };
  serverlessGetAppQueueInfo: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        owner: string;
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            queue_size: number;
          };
        };
      };
    };
  };
  serverlessFlushAppQueue: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path: {
        owner: string;
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  serverlessGetRunnerHistory: {
    parameters: {
      query?: {
        start?: string;
        end?: string;
        timeframe?: "minute" | "hour" | "day" | "week" | "month";
        aggregation?: "max" | "avg";
      };
      header?: never;
      path: {
        owner: string;
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            endpoint_id: string;
            /** @enum {string} */
            timeframe: "minute" | "hour" | "day" | "week" | "month";
            /** @enum {string} */
            aggregation: "max" | "avg";
            history: {
              timestamp: string;
              running: number;
              idle: number;
              pending: number;
              draining: number;
            }[];
          };
        };
      };
    };
  };
  serverlessListAppEvents: {
    parameters: {
      query?: {
        start?: string;
        end?: string;
        category?:
          | (
              | "runner_started"
              | "runner_failed"
              | "runner_finished"
              | "runner_pending"
              | "runner_startup_failure"
              | "runner_docker_pull"
              | "runner_setup"
              | "runner_draining"
              | "runner_stopping"
              | "deployment_started"
              | "deployment_failed"
              | "deployment_ended"
              | "deployment_rolling_started"
              | "deployment_rolling_failed"
              | "deployment_rolling_ended"
              | "deployment_recreate_applied"
              | "config_changed"
            )
          | (
              | "runner_started"
              | "runner_failed"
              | "runner_finished"
              | "runner_pending"
              | "runner_startup_failure"
              | "runner_docker_pull"
              | "runner_setup"
              | "runner_draining"
              | "runner_stopping"
              | "deployment_started"
              | "deployment_failed"
              | "deployment_ended"
              | "deployment_rolling_started"
              | "deployment_rolling_failed"
              | "deployment_rolling_ended"
              | "deployment_recreate_applied"
              | "config_changed"
            )[];
        limit?: number;
        cursor?: string;
      };
      header?: never;
      path: {
        owner: string;
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            next_cursor: string | null;
            has_more: boolean;
            endpoint_id: string;
            events: {
              event_id: string;
              /** @enum {string} */
              category:
                | "runner_started"
                | "runner_failed"
                | "runner_finished"
                | "runner_pending"
                | "runner_startup_failure"
                | "runner_docker_pull"
                | "runner_setup"
                | "runner_draining"
                | "runner_stopping"
                | "deployment_started"
                | "deployment_failed"
                | "deployment_ended"
                | "deployment_rolling_started"
                | "deployment_rolling_failed"
                | "deployment_rolling_ended"
                | "deployment_recreate_applied"
                | "config_changed";
              created_at: string;
              payload: {
                job_id?: string;
                machine_type?: string;
                reason?: string;
                state?: string;
                new_application_id?: string;
                old_application_id?: string;
                old_config?: {
                  [key: string]: unknown;
                };
                new_config?: {
                  [key: string]: unknown;
                };
                old_app_auth_mode?: string;
                new_app_auth_mode?: string;
                actor?: {
                  nickname?: string;
                  full_name?: string;
                };
              };
            }[];
          };
        };
      };
    };
  };
  serverlessListAppRevisions: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
      };
      header?: never;
      path: {
        owner: string;
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            next_cursor: string | null;
            has_more: boolean;
            endpoint_id: string;
            revisions: {
              revision_id: string;
              created_at: string;
              is_current: boolean;
              message: string | null;
              annotations: {
                [key: string]: string;
              } | null;
              /** @enum {string|null} */
              status: "deployed" | "failed" | "deploying" | null;
              deployed_by: string | null;
            }[];
          };
        };
      };
    };
  };
  serverlessListRoot: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            path: string;
            name: string;
            /** Format: date-time */
            created_time: string;
            /** Format: date-time */
            updated_time: string;
            is_file: boolean;
            size: number;
            checksum_sha256?: string;
            checksum_md5?: string;
          }[];
        };
      };
    };
  };
  serverlessListDirectory: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        dir: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            path: string;
            name: string;
            /** Format: date-time */
            created_time: string;
            /** Format: date-time */
            updated_time: string;
            is_file: boolean;
            size: number;
            checksum_sha256?: string;
            checksum_md5?: string;
          }[];
        };
      };
    };
  };
  serverlessDownloadFile: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        file: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/octet-stream": unknown;
        };
      };
    };
  };
  serverlessUploadFromUrl: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        file: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          /** Format: uri */
          url: string;
        };
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": boolean;
        };
      };
    };
  };
  serverlessUploadLocalFile: {
    parameters: {
      query?: {
        unzip?: boolean | null;
      };
      header?: never;
      path: {
        target_path: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "multipart/form-data": {
          file_upload?: unknown;
        };
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": boolean;
        };
      };
    };
  };
  serverlessGetMetrics: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/plain": string;
        };
      };
    };
  };
  serverlessLogsHistory: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        start?: string;
        end?: string;
        app_id?: string | string[];
        revision?: string;
        run_source?: "grpc-run" | "grpc-register" | "gateway" | "cron";
        traceback?: boolean | null;
        search?: string;
        level?: string;
        job_id?: string;
        request_id?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": {
          key: string;
          value: string | string[];
          /** @enum {string} */
          condition_type?: "equals" | "in" | "not_equals" | "not_in";
        }[];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            next_cursor: string | null;
            has_more: boolean;
            items: {
              timestamp: string;
              level: string;
              message: string;
              app: string;
              revision: string;
              labels?: {
                [key: string]: string;
              };
            }[];
          };
        };
      };
    };
  };
  serverlessLogsStream: {
    parameters: {
      query?: {
        start?: string;
        end?: string;
        app_id?: string | string[];
        revision?: string;
        run_source?: "grpc-run" | "grpc-register" | "gateway" | "cron";
        traceback?: boolean | null;
        search?: string;
        level?: string;
        job_id?: string;
        request_id?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": {
          key: string;
          value: string | string[];
          /** @enum {string} */
          condition_type?: "equals" | "in" | "not_equals" | "not_in";
        }[];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/event-stream": unknown;
        };
      };
    };
  };
  serverlessListRequestsByEndpoint: {
    parameters: {
      query: {
        limit?: number;
        cursor?: string;
        endpoint_id: string | string[];
        start?: string;
        end?: string;
        status?: "success" | "error" | "user_error";
        request_id?: string;
        expand?: string | string[];
        sort_by?: "ended_at" | "duration";
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            next_cursor: string | null;
            has_more: boolean;
            items: {
              /** Format: uuid */
              request_id: string;
              endpoint_id: string;
              /** Format: date-time */
              started_at: string;
              /** Format: date-time */
              sent_at: string;
              /** Format: date-time */
              ended_at?: string | null;
              status_code?: number | null;
              duration?: number | null;
              json_input?: unknown;
              json_output?: unknown;
              /** Format: uuid */
              runner_id: string | null;
              billable_units?: number | null;
            }[];
          };
        };
      };
    };
  };
  serverlessGetUsage: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        start?: string;
        end?: string;
        timezone?: string;
        timeframe?: "minute" | "hour" | "day" | "week" | "month";
        bound_to_timeframe?: "true" | "false";
        app?: string | string[];
        search?: string;
        expand?: string | string[];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            next_cursor: string | null;
            has_more: boolean;
            time_series?: {
              bucket: string;
              results: {
                app: string | null;
                environment: string | null;
                machine_type: string;
                unit: string;
                quantity: number;
                unit_price: number;
                percent_discount: number | null;
                cost_subtotal: number;
                cost_discount: number;
                cost_total: number;
                /** @deprecated */
                cost: number;
                currency: string;
                is_surge: boolean;
              }[];
            }[];
            summary?: {
              app: string | null;
              environment: string | null;
              machine_type: string;
              unit: string;
              quantity: number;
              unit_price: number;
              percent_discount: number | null;
              cost_subtotal: number;
              cost_discount: number;
              cost_total: number;
              /** @deprecated */
              cost: number;
              currency: string;
              is_surge: boolean;
            }[];
          };
        };
      };
    };
  };
  listComputeInstances: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            next_cursor: string | null;
            has_more: boolean;
            instances: {
              id: string;
              /** @enum {string} */
              instance_type: "gpu_8x_h100_sxm5" | "gpu_1x_h100_sxm5";
              /** @enum {string} */
              region: "us-west" | "us-central" | "us-east" | "eu-north" | "eu-west" | "other";
              /** @enum {string} */
              sector?: "sector_1" | "sector_2" | "sector_3";
              ip?: string;
              /** @enum {string} */
              status: "ready" | "init" | "pending" | "provisioning" | "stopped" | "unknown";
              creator_user_nickname?: string;
            }[];
          };
        };
      };
    };
  };
  createComputeInstance: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          /** @enum {string} */
          instance_type: "gpu_8x_h100_sxm5" | "gpu_1x_h100_sxm5";
          ssh_key: string;
          /** @enum {string} */
          sector?: "sector_1" | "sector_2" | "sector_3";
        };
      };
    };
    responses: {
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            id: string;
            /** @enum {string} */
            instance_type: "gpu_8x_h100_sxm5" | "gpu_1x_h100_sxm5";
            /** @enum {string} */
            region: "us-west" | "us-central" | "us-east" | "eu-north" | "eu-west" | "other";
            /** @enum {string} */
            sector?: "sector_1" | "sector_2" | "sector_3";
            ip?: string;
            /** @enum {string} */
            status: "ready" | "init" | "pending" | "provisioning" | "stopped" | "unknown";
            creator_user_nickname?: string;
          };
        };
      };
    };
  };
  getComputeInstance: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            id: string;
            /** @enum {string} */
            instance_type: "gpu_8x_h100_sxm5" | "gpu_1x_h100_sxm5";
            /** @enum {string} */
            region: "us-west" | "us-central" | "us-east" | "eu-north" | "eu-west" | "other";
            /** @enum {string} */
            sector?: "sector_1" | "sector_2" | "sector_3";
            ip?: string;
            /** @enum {string} */
            status: "ready" | "init" | "pending" | "provisioning" | "stopped" | "unknown";
            creator_user_nickname?: string;
          };
        };
      };
    };
  };
  deleteComputeInstance: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  listApiKeys: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        expand?: string | string[];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            next_cursor: string | null;
            has_more: boolean;
            keys: {
              key_id: string;
              alias: string;
              /** @enum {string} */
              scope: "API";
              created_at: string;
              creator_nickname?: string;
              creator_email?: string;
            }[];
          };
        };
      };
    };
  };
  createApiKey: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          alias: string;
        };
      };
    };
    responses: {
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            key_id: string;
            key_secret: string;
            key: string;
          };
        };
      };
    };
  };
  deleteApiKey: {
    parameters: {
      query?: never;
      header?: {
        "Idempotency-Key"?: string;
      };
      path: {
        key_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  getAccountBilling: {
    parameters: {
      query?: {
        expand?: string | string[];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            username: string;
            credits?: {
              current_balance: number;
              currency: string;
            };
          };
        };
      };
    };
  };
  getFocusReport: {
    parameters: {
      query: {
        source: "invoice" | "estimate";
        billing_month?: string;
        charge_month?: string;
        expand?: "organization";
        start?: string;
        end?: string;
        timezone?: string;
        timeframe?: "minute" | "hour" | "day" | "week" | "month";
        bound_to_timeframe?: "true" | "false";
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/csv": string;
        };
      };
    };
  };
  getModelAccessControls: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/csv": string;
        };
      };
    };
  };
  getOrganizationBillingEvents: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        start?: string;
        end?: string;
        endpoint_id?: string | string[];
        request_id?: string | string[];
        api_key_id?: string | string[];
        team_username?: string | string[];
        expand?: string | string[];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            next_cursor: string | null;
            has_more: boolean;
            billing_events: {
              username: string;
              request_id: string;
              endpoint_id: string;
              timestamp: string;
              output_units: number | null;
              unit_price: number | null;
              percent_discount: number | null;
              cost_subtotal: number;
              cost_discount: number;
              cost_total: number;
              cost_estimate_nano_usd: number;
              auth_method?: string;
              auth_method_structured?: {
                detail: string;
                api_key_id?: string;
                login_username?: string;
              };
            }[];
          };
        };
      };
    };
  };
  getOrganizationFocusReport: {
    parameters: {
      query: {
        source: "invoice" | "estimate";
        billing_month?: string;
        charge_month?: string;
        team_username?: string;
        start?: string;
        end?: string;
        timezone?: string;
        timeframe?: "minute" | "hour" | "day" | "week" | "month";
        bound_to_timeframe?: "true" | "false";
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/csv": string;
        };
      };
    };
  };
  getOrganizationTeams: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            teams: {
              username: string;
              name: string;
              is_org_root: boolean;
              created_at: string;
            }[];
          };
        };
      };
    };
  };
  getOrganizationUsage: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        start?: string;
        end?: string;
        timezone?: string;
        timeframe?: "minute" | "hour" | "day" | "week" | "month";
        bound_to_timeframe?: "true" | "false";
        endpoint_id?: string | string[];
        api_key_id?: string | string[];
        team_username?: string | string[];
        product?: string | string[];
        expand?: string | string[];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            next_cursor: string | null;
            has_more: boolean;
            time_series?: {
              bucket: string;
              results: {
                username: string;
                /** @enum {string} */
                product: "model_apis" | "serverless" | "compute";
                endpoint_id: string;
                unit: string;
                quantity: number;
                unit_price: number;
                cost: number;
                currency: string;
                auth_method?: string;
                auth_method_structured?: {
                  detail: string;
                  api_key_id?: string;
                  login_username?: string;
                };
              }[];
            }[];
            summary?: {
              username: string;
              /** @enum {string} */
              product: "model_apis" | "serverless" | "compute";
              endpoint_id: string;
              unit: string;
              quantity: number;
              unit_price: number;
              cost: number;
              currency: string;
              auth_method?: string;
              auth_method_structured?: {
                detail: string;
                api_key_id?: string;
                login_username?: string;
              };
            }[];
          };
        };
      };
    };
  };
  getMeta: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            webhook_ip_ranges: string[];
          };
        };
      };
    };
  };
}
