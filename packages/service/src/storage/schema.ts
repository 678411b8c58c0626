import type { Generated, JSONColumnType } from 'kysely'

/** The tables, as Kysely reads them. What a column means is said in the migration that makes it. */
export interface Schema {
  resources: {
    id: string
    name: string
    geography: string
    wrapped_data_key: string
    created_at: Generated<Date>
  }
  api_keys: {
    id: string
    resource_id: string
    name: string
    hash: string
    last_four: string
    created_at: Generated<Date>
  }
  signing_keys: {
    id: string
    public_key: string
    wrapped_private_key: string
    created_at: Generated<Date>
  }
  files: {
    id: string
    resource_id: string
    blob_id: string
    sha256: string
    bytes: number
    filename: string
    purpose: string
    created_at: Generated<Date>
    expires_at: Date | null
  }
  uploads: {
    id: string
    resource_id: string
    filename: string
    bytes: number
    lifetime: number | null
    status: Generated<string>
    file_id: Generated<string | null>
    created_at: Generated<Date>
    expires_at: Date
  }
  upload_parts: {
    id: string
    upload_id: string
    blob_id: string
    bytes: number
    created_at: Generated<Date>
  }
  jobs: {
    id: string
    resource_id: string
    state: string
    surface: string
    model: string
    training_file: string | null
    validation_file: string | null
    suffix: string | null
    seed: number
    method: Generated<string>
    hyperparameters: JSONColumnType<object>
    metadata: JSONColumnType<object> | null
    tuned_model: string
    adapter_blob_id: string | null
    adapter_sha256: string | null
    result_file: string | null
    evaluation_report: Generated<boolean>
    report_files: Generated<readonly string[]>
    trained_tokens: number | null
    error_code: string | null
    error_message: string | null
    error_param: string | null
    attempts: Generated<number>
    paused_epoch: Generated<number | null>
    created_at: Generated<Date>
    finished_at: Date | null
  }
  events: {
    sequence: Generated<number>
    id: string
    job_id: string
    key: string
    level: string
    type: string
    message: string
    data: JSONColumnType<object> | null
    created_at: Generated<Date>
  }
  checkpoints: {
    id: string
    job_id: string
    epoch: number
    step: number
    metrics: JSONColumnType<object>
    model: string
    blob_id: string
    sha256: string
    /** Null of those from before this was noted. */
    trained_tokens: number | null
    created_at: Generated<Date>
  }
  models: {
    name: string
    resource_id: string
    job_id: string
    base_model: string
    blob_id: string
    sha256: string
    created_at: Generated<Date>
  }
  attestations: {
    resource_id: string
    subject_sha256: string
    policy_digest: string
    base_model: string
    base_digest: string
    outcome: string
    envelope: JSONColumnType<object>
    created_at: Generated<Date>
  }
  abandoned_evaluations: {
    id: string
    resource_id: string
    base_model: string
    created_at: Generated<Date>
  }
  deployments: {
    name: string
    resource_id: string
    model: string
    sku: JSONColumnType<object> | null
    content_filter: string | null
    created_at: Generated<Date>
  }
  content_filters: {
    resource_id: string
    name: string
    base_policy_name: string
    mode: string
    filters: JSONColumnType<object>
    created_at: Generated<Date>
  }
  usage: {
    id: string
    resource_id: string
    job_id: string | null
    model: string
    kind: string
    quantity: number
    created_at: Generated<Date>
  }
  charges: {
    id: string
    resource_id: string
    job_id: string
    line_item: string
    quantity: number
    amount: number
    currency: string
    created_at: Generated<Date>
  }
}
