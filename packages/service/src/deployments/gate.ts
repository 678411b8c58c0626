import { createHash } from 'node:crypto'
import type { Envelope } from 'assay/attestation'
import { AssayError } from 'assay/errors'
import { assessmentMessage } from 'assay/harm'
import {
  type BaseModelFiles,
  baseModelDigest,
  CATALOGUE,
  catalogueModel,
  isCatalogueModel,
  type Locations,
  openBaseModel,
  releaseKey,
  shippedAttestation,
} from '../catalogue/index.ts'
import type { Resource } from '../resources/index.ts'
import type { Blobs, Sql } from '../storage/index.ts'
import { type Attestations, assessmentOf, shippedPolicyDigests } from './attestations.ts'
import {
  type AskForEvaluation,
  endedWithoutVerdict,
  lastEvaluation,
  notEvaluated,
  type Standing,
  standingOf,
} from './candidate.ts'
import { findCheckpoint, refusalOf, type StoredCheckpoint } from './checkpoints.ts'
import type { Models } from './models.ts'
import { type PlainAdapter, unsealAdapter } from './plain-adapter.ts'

/** A model whose attestation was verified against the very bytes that are here. */
export interface VerifiedModel {
  readonly name: string
  readonly base: BaseModelFiles
  readonly contextLength: number
  /** Plain on disk while in use. */
  readonly adapter: PlainAdapter | undefined
}

/** What the gate goes by, for its owner to go over again: the attestation, and what it is held against. */
export interface Evidence {
  readonly envelope: Envelope
  /** Of the bytes that are stored here, computed now. */
  readonly subjectSha256: string
  /** Of the base model that is here now. */
  readonly baseSha256: string
  readonly publicKeysPem: readonly string[]
  readonly policyDigests: readonly string[]
}

/** The gate: nothing is deployed, and nothing answers, but through here. */
export class Gate {
  readonly #sql: Sql
  readonly #blobs: Blobs
  readonly #models: Models
  readonly #attestations: Attestations
  readonly #evaluate: AskForEvaluation
  readonly #where: Locations
  readonly #scratch: string

  constructor(parts: {
    sql: Sql
    blobs: Blobs
    models: Models
    attestations: Attestations
    /** Called when a model or a checkpoint is wanted that has no verdict. */
    evaluate: AskForEvaluation
    where: Locations
    scratch: string
  }) {
    this.#sql = parts.sql
    this.#blobs = parts.blobs
    this.#models = parts.models
    this.#attestations = parts.attestations
    this.#evaluate = parts.evaluate
    this.#where = parts.where
    this.#scratch = parts.scratch
  }

  /**
   * Throws unless the model is attested as deployable. The caller removes `adapter` when done with it. What has no verdict
   * under the present policy on the present base model, as a checkpoint at first and every model once either has
   * changed, is evaluated because somebody asks for it here (`model_not_evaluated`).
   *
   * @param again whether that is so also where the last evaluation ended without a verdict: for who deploys, not for each
   * request of a client that goes on asking
   */
  async open(resource: Resource, name: string, { again }: { again: boolean }): Promise<VerifiedModel> {
    return isCatalogueModel(name) ? this.#openBase(name) : this.#openTuned(resource, name, again)
  }

  /** Where a deployed model stands; says nothing of its own about it, as `open` does. */
  async standing(resourceId: string, name: string): Promise<Standing> {
    if (isCatalogueModel(name)) return { status: 'succeeded', error: null, evaluation: null }
    const evaluation = await lastEvaluation(this.#sql, resourceId, name)
    try {
      const { checkpoint, verdict } = await this.#findTuned(resourceId, name)
      await this.#refuse(resourceId, checkpoint)
      return standingOf(verdict?.passed === true, evaluation)
    } catch (error) {
      if (!AssayError.is(error)) throw error
      const { code, message } = error
      return { status: 'failed', error: { code, message }, evaluation: evaluation?.id ?? null }
    }
  }

  /** Throws where a checkpoint that was let through has since become one of a blocked model. */
  async refuseBlocked(resourceId: string, name: string): Promise<void> {
    if (isCatalogueModel(name)) return
    const checkpoint = await findCheckpoint(this.#sql, resourceId, name)
    await this.#refuse(resourceId, checkpoint)
    // Another process may have deleted what this one still has loaded.
    if (!checkpoint) await this.#models.tuned(resourceId, name)
  }

  /** The envelope by which a model may or may not be deployed, for its owner to keep. */
  async envelope(resource: Resource, name: string): Promise<Envelope> {
    if (!isCatalogueModel(name)) return (await this.#attestedTuned(resource, name)).envelope
    const envelope = await shippedAttestation(name, this.#where)
    if (!envelope) throw notAttested(name)
    return envelope
  }

  /** Says nothing of its own about the model: whoever asks verifies. */
  async evidence(resource: Resource, name: string): Promise<Evidence> {
    const policyDigests = await shippedPolicyDigests()
    if (isCatalogueModel(name)) {
      const envelope = await this.envelope(resource, name)
      const { digest } = await openBaseModel(catalogueModel(name), this.#where)
      const publicKeysPem = [await releaseKey(this.#where)]
      return { envelope, subjectSha256: digest, baseSha256: digest, publicKeysPem, policyDigests }
    }
    const { tuned, model, envelope } = await this.#attestedTuned(resource, name)
    const { digest } = await openBaseModel(model, this.#where)
    const hash = createHash('sha256')
    for await (const part of this.#blobs.get(resource.dataKey, tuned.blobId)) hash.update(part)
    const publicKeysPem = await this.#attestations.publicKeys()
    return { envelope, subjectSha256: hash.digest('hex'), baseSha256: digest, publicKeysPem, policyDigests }
  }

  /** A checkpoint of a blocked model is refused, whatever its own verdict: also where the model was blocked later, under another policy. */
  async #refuse(resourceId: string, checkpoint: StoredCheckpoint | undefined): Promise<void> {
    if (!checkpoint) return
    const refusal = refusalOf(checkpoint)
    if (refusal) throw refusal
    const { modelSha256, sha256, jobState } = checkpoint
    if (jobState !== 'succeeded' || modelSha256 === null || modelSha256 === sha256) return
    if (await this.#attestations.isBlocked(resourceId, modelSha256)) {
      throw notDeployable("The job's own model was blocked: none of its checkpoints can be deployed.")
    }
  }

  async #attestedTuned(resource: Resource, name: string) {
    const { verdict, ...found } = await this.#findTuned(resource.id, name)
    if (!verdict) throw notAttested(name)
    return { ...found, envelope: verdict.envelope }
  }

  /** A job's model, or one of its checkpoints, with the verdict on its bytes where there is one. */
  async #findTuned(resourceId: string, name: string) {
    const checkpoint = await findCheckpoint(this.#sql, resourceId, name)
    const tuned = checkpoint ?? (await this.#models.tuned(resourceId, name))
    const model = catalogueModel(tuned.baseModel)
    const verdict = await this.#attestations.find(resourceId, tuned.sha256, await baseModelDigest(model, this.#where))
    return { tuned, checkpoint, model, verdict }
  }

  async #openBase(name: string): Promise<VerifiedModel> {
    const model = catalogueModel(name)
    const envelope = await shippedAttestation(name, this.#where)
    if (!envelope) throw notAttested(name)
    const base = await openBaseModel(model, this.#where)
    await this.#verify(envelope, base.digest, base.digest, [await releaseKey(this.#where)]).catch((error: unknown) => {
      throw AssayError.is(error) && error.code === 'model_not_deployable' ? baseNotDeployable(name) : error
    })
    return { name, base, contextLength: model.contextLength, adapter: undefined }
  }

  async #openTuned(resource: Resource, name: string, again: boolean): Promise<VerifiedModel> {
    const { tuned, checkpoint, model, verdict } = await this.#findTuned(resource.id, name)
    await this.#refuse(resource.id, checkpoint)
    if (!verdict) {
      // Its data are nowhere: there is nothing to evaluate it in the format of.
      if (tuned.trainingFile === null) throw notAttested(name)
      const last = await lastEvaluation(this.#sql, resource.id, name)
      if (!again && (last?.state === 'failed' || last?.state === 'cancelled')) throw endedWithoutVerdict(name, last)
      throw notEvaluated(name, await this.#evaluate(resource.id, tuned))
    }
    const base = await openBaseModel(model, this.#where)
    const adapter = await unsealAdapter(this.#blobs.get(resource.dataKey, tuned.blobId), this.#scratch)
    try {
      await this.#verify(verdict.envelope, adapter.sha256, base.digest)
    } catch (error) {
      await adapter.remove()
      throw error
    }
    return { name, base, contextLength: model.contextLength, adapter }
  }

  async #verify(envelope: Envelope, sha256: string, baseDigest: string, publicKeysPem?: readonly string[]) {
    const evaluation = await this.#attestations.verified(envelope, { sha256, baseDigest }, publicKeysPem)
    if (!evaluation.deployable) throw notDeployable(assessmentMessage(assessmentOf(evaluation)))
  }
}

/** A customer did not tune it, and can mend nothing about it. */
function baseNotDeployable(name: string): AssayError {
  const aligned = CATALOGUE.find((model) => model.name === `${name}-aligned`)
  const instead = aligned ? `Deploy ${aligned.name}, or tune` : 'Tune'
  return new AssayError(
    'model_not_deployable',
    `The base model ${name} did not pass its own safety evaluation. It can be tuned, and not deployed. ${instead} a model that passes.`,
    { status: 409, param: 'model' },
  )
}

function notAttested(name: string): AssayError {
  const message = `'${name}' carries no attestation of a model evaluation under the present policy and base model.`
  return new AssayError('model_not_attested', message, {
    status: 409,
    param: 'model',
    remedy: 'Only a model that passed its model evaluation can be deployed. Import an imported one again.',
  })
}

function notDeployable(message: string): AssayError {
  return new AssayError('model_not_deployable', message, { status: 409, param: 'model' })
}
