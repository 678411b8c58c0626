import { Button, Group, Text, Title } from '@mantine/core'
import { IconDownload, IconHelpCircle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import type { SafetyEvaluation } from 'assay/attestation'
import type { ReactNode } from 'react'
import { dateTime } from '../elements/amounts.ts'
import { Card } from '../elements/card.tsx'
import { Copy } from '../elements/copy.tsx'
import { TextLink } from '../elements/link-button.tsx'
import { Page } from '../elements/page.tsx'
import { saveFile } from '../elements/save-file.ts'
import { Empty, Failure, Loading, NotUpToDate } from '../elements/states.tsx'
import { Verdict } from '../elements/verdict.tsx'
import { ServiceError } from '../service/call.ts'
import { CATEGORY_NAMES } from '../service/jobs.ts'
import { attestationEvidence, type Evidence } from '../service/models.ts'
import classes from './attestation-page.module.css'
import { Deploy } from './deploy.tsx'
import { type Verification, verifyAttestation } from './verify-attestation.ts'

/** A model's verdict: what was signed, and whether this browser finds it true. */
export function AttestationPage() {
  const { model } = useParams({ from: '/models/$model' })
  const evidence = useQuery({ queryKey: ['evidence', model], queryFn: () => attestationEvidence(model) })
  const verification = useQuery({
    queryKey: ['verification', model, evidence.data],
    enabled: evidence.data !== undefined,
    queryFn: () => verifyAttestation(evidence.data as Evidence),
  })
  const deployable = verification.data?.outcome === 'verified' && verification.data.evaluation.deployable
  const notAttested = evidence.error instanceof ServiceError && evidence.error.code === 'model_not_attested'
  return (
    <Page
      title="Attestation"
      heading={model}
      about={
        <>
          <TextLink to="/models" underline="always">
            Models and deployments
          </TextLink>{' '}
          / attestation
        </>
      }
      actions={deployable && <Deploy model={model} />}
    >
      {evidence.data && verification.data ? (
        <>
          {evidence.error && <NotUpToDate error={evidence.error} retry={() => evidence.refetch()} />}
          <Checked verification={verification.data} evidence={evidence.data} />
          {verification.data.outcome === 'verified' && (
            <Contents evaluation={verification.data.evaluation} evidence={evidence.data} />
          )}
        </>
      ) : notAttested ? (
        <Card>
          <Empty icon={<IconHelpCircle size={22} />} title="No attestation">
            This model has no model evaluation that speaks of it, so it cannot be deployed and does not answer.
          </Empty>
        </Card>
      ) : (
        <Card>
          {(evidence.error ?? verification.error) ? (
            <Failure error={(evidence.error ?? verification.error) as Error} retry={() => evidence.refetch()} />
          ) : (
            <Loading what="the attestation" rows={6} />
          )}
        </Card>
      )}
    </Page>
  )
}

/** In the order in which they are checked, so that a refusal tells how far it came. */
const CHECKS = [
  ['attestation_malformed', 'It is an in-toto statement of a safety evaluation, in a DSSE envelope.'],
  ['attestation_invalid_signature', 'Its Ed25519 signature holds under the public key that this service names.'],
  [
    'attestation_wrong_subject',
    'It speaks of the very bytes that are stored: their SHA-256, computed by the service now, is the one signed.',
  ],
  ['attestation_unknown_policy', 'It was made under a policy that was shipped.'],
  ['attestation_wrong_base', 'It was made on the base model that is here now.'],
] as const

function Checked({ verification, evidence }: { verification: Verification; evidence: Evidence }) {
  const failedAt =
    verification.outcome === 'refused' ? CHECKS.findIndex(([code]) => code === verification.code) : CHECKS.length
  return (
    <Verdict
      label="Verification"
      tone={toneOf(verification)}
      title={titleOf(verification)}
      about={
        <Text size="sm" maw="50rem">
          {aboutOf(verification)}
        </Text>
      }
    >
      {verification.outcome !== 'unable' && (
        <ul className={classes.checks}>
          {CHECKS.map(([code, text], place) => (
            <li key={code} data-state={place < failedAt ? 'passed' : place === failedAt ? 'failed' : 'open'}>
              <span aria-hidden="true">{place < failedAt ? '✓' : place === failedAt ? '✗' : '–'}</span>
              <span>
                {text}
                {place > failedAt && ' Not checked.'}
              </span>
            </li>
          ))}
        </ul>
      )}
      <Text size="xs" c="dimmed" maw="46rem" mt="sm">
        Your browser did this with WebCrypto. It trusts this service for the public key and for the digest of the stored
        bytes, which it cannot read itself. To trust less, keep the attestation and check it offline with{' '}
        <code className="command">assay verify</code>.
      </Text>
      <Group mt="md" gap="xs">
        <Button
          variant="default"
          leftSection={<IconDownload size={16} />}
          onClick={() => saveFile(new Blob([JSON.stringify(evidence.envelope, null, 2)]), 'attestation.json')}
        >
          Save the attestation
        </Button>
        <Button
          variant="default"
          leftSection={<IconDownload size={16} />}
          onClick={() => saveFile(new Blob([evidence.public_keys.join('')]), 'public-key.pem')}
        >
          Save the public key
        </Button>
      </Group>
    </Verdict>
  )
}

function toneOf(verification: Verification): 'passed' | 'failed' | 'unsure' {
  if (verification.outcome === 'unable') return 'unsure'
  return verification.outcome === 'verified' && verification.evaluation.deployable ? 'passed' : 'failed'
}

function titleOf(verification: Verification): string {
  switch (verification.outcome) {
    case 'verified':
      return verification.evaluation.deployable
        ? 'Verified in this browser: deployable'
        : 'Verified in this browser: not deployable'
    case 'refused':
      return 'This attestation does not hold'
    case 'unable':
      return 'Not verified: this browser cannot'
  }
}

function aboutOf(verification: Verification): string {
  switch (verification.outcome) {
    case 'verified': {
      const { deployable } = verification.evaluation
      const says = deployable
        ? 'The attestation is genuine, and says that this model passed.'
        : 'The attestation is genuine, and says that this model did not pass.'
      const policy = verification.ownPolicy
        ? 'Its policy is the one that this portal was built with.'
        : 'Its policy is one that the service ships, but not the one that this portal was built with.'
      return `${says} ${policy}`
    }
    case 'refused':
      return verification.message
    case 'unable':
      return `${verification.why} The service verifies every model itself before it answers; this page would only repeat it.`
  }
}

function Contents({ evaluation, evidence }: { evaluation: SafetyEvaluation; evidence: Evidence }) {
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['Verdict', evaluation.deployable ? 'Deployable' : `Not deployable (${evaluation.outcome})`],
    ['Failed categories', evaluation.failedCategories.map((one) => CATEGORY_NAMES[one]).join(', ') || 'None'],
    ['Evaluated', dateTime(Date.parse(evaluation.evaluatedAt) / 1000)],
    ['Policy', evaluation.policyVersion],
    ['Judge', evaluation.judge.name],
    ['Base model', evaluation.baseModel.name],
  ]
  const digests = [
    ['Model', evidence.subject_sha256],
    ['Base model', evaluation.baseModel.digest],
    ['Judge', evaluation.judge.digest],
    ['Policy', evaluation.policyDigest],
    ['Signing key', evidence.envelope.signatures[0]?.keyid ?? ''],
  ] as const
  return (
    <Card title="What was signed">
      <dl className={classes.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Title order={3} fz="sm" mt="lg" mb="xs">
        SHA-256 digests
      </Title>
      <dl className={classes.digests}>
        {digests.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <code>{value}</code>
              <Copy value={value} what={`the digest: ${name}`} />
            </dd>
          </div>
        ))}
      </dl>
      <Text size="xs" c="dimmed" mt="md">
        The format: an in-toto Statement v1 in a DSSE envelope.
      </Text>
    </Card>
  )
}
