/**
 * Row languages: the fields that the filter of a list may use. A text is either an expression over the list's own
 * variable, such as `rollout.status == "paused" && rollout.deployable == "ocr"`, or plain words. The row's visible text
 * must then hold each word.
 *
 * This module needs no evaluator: it is loaded when the first expression is written (row-filter.ts).
 */
import type { Approval } from '@skerry/contract/approvals/approval'
import type { Batch } from '@skerry/contract/batches/batch'
import type { Deployment } from '@skerry/contract/deployments/deployment'
import type { Intrusion } from '@skerry/contract/intrusion/intrusion'
import type { JoinToken } from '@skerry/contract/joining/join'
import type { Model } from '@skerry/contract/models/model'
import type { Key } from '@skerry/contract/people/key'
import type { User } from '@skerry/contract/people/user'
import type { Outcome, Rollout } from '@skerry/contract/rollouts/rollout'
import type { Site } from '@skerry/contract/sites/site'
import type { ShownDevice } from '../rollouts/views/outcome-words.ts'
import { FAILURE_KINDS } from '../rollouts/wave-verdict.ts'
import type { Fields, FieldValue } from './expression.ts'

/** The filter language of the rows of one list. */
export type RowLanguage<Row> = {
  /** The name of the list's variable. */
  name: string
  /** Each field, with a value of the right kind: the help shows these, too. */
  sample: Fields
  valuesOf: (row: Row) => Fields
  /** The text of the row that words are looked for in. */
  wordsOf: (row: Row) => string
  example: string
}

/** A language whose rows give a value to each field of the sample. */
export const rowLanguage = <Row, Sample extends Fields>(
  language: Omit<RowLanguage<Row>, 'sample' | 'valuesOf'> & {
    sample: Sample
    valuesOf: (row: Row) => Readonly<Record<keyof Sample, FieldValue>>
  },
): RowLanguage<Row> => language

/**
 * Whether a text is an expression: it names one of the variables, or has an operator that no name has. Anything else is
 * words.
 */
export function isExpression(text: string, variables: readonly string[]): boolean {
  return /[=!<>]=|&&|\|\||^\s*(true|false|!.*)\s*$/.test(text) || variables.some((name) => hasVariable(text, name))
}

const hasVariable = (text: string, name: string) => new RegExp(`(^|[^\\w."'-])${name}\\s*[.[]`).test(text)

/** Whether the text holds each of the words, whatever their case. */
export function holdsWords(text: string, words: string): boolean {
  const lower = text.toLowerCase()
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word))
}

const join = (...parts: readonly (string | number | undefined)[]) =>
  parts.filter((part) => part !== undefined).join(' ')

export const rolloutLanguage = rowLanguage({
  name: 'rollout',
  sample: {
    id: 'rol_aaaaaaaa',
    deployment: 'ocr',
    revision: 3,
    deployable: 'ocr',
    version: 2,
    status: 'paused',
    reason: '',
    wave: 1,
    waves: 2,
    devices: 10,
    healthy: 4,
    failed: 1,
  },
  valuesOf: ({ id, deployment, revision, deployable, version, status, reason, wave, waves, joinedLater }: Rollout) => ({
    id,
    deployment,
    revision,
    deployable,
    version,
    status,
    reason,
    wave: wave + 1,
    waves: waves.length,
    devices: devicesOf({ waves, joinedLater }),
    healthy: devicesOf({ waves, joinedLater }, 'healthy'),
    failed: devicesOf({ waves, joinedLater }, ...FAILURE_KINDS, 'tolerated'),
  }),
  wordsOf: ({ id, deployment, revision, deployable, version, status, reason }) =>
    join(deployment, `revision ${revision}`, `${deployable}:${version}`, status.replace('-', ' '), reason, id),
  example: 'rollout.status == "paused" && rollout.deployable == "ocr"',
})

const devicesOf = ({ waves, joinedLater }: Pick<Rollout, 'waves' | 'joinedLater'>, ...outcomes: Outcome[]) =>
  [...waves.map(({ counts }) => counts), ...(joinedLater ? [joinedLater] : [])]
    .flatMap((counts) => Object.entries(counts))
    .filter(([outcome]) => outcomes.length === 0 || outcomes.some((wanted) => wanted === outcome))
    .reduce((sum, [, count]) => sum + count, 0)

export const rolloutDeviceLanguage = rowLanguage({
  name: 'device',
  sample: {
    id: 'dev_aaaaaaaa',
    name: 'press-12',
    site: 'oslo',
    wave: 1,
    outcome: 'failed',
    state: 'failed',
    cause: 'golden_mismatch',
    message: '',
  },
  valuesOf: ({ deviceId, device, site, wave, outcome, state, cause }: ShownDevice) => ({
    id: deviceId,
    name: device,
    site,
    wave: wave + 1,
    outcome,
    state,
    cause: cause?.code,
    message: cause?.message,
  }),
  wordsOf: ({ deviceId, device, site, outcome, state, cause }) =>
    join(device, site, outcome.replace('-', ' '), state, cause?.code, cause?.message, deviceId),
  example: 'device.outcome == "failed" && device.site == "oslo"',
})

export const modelLanguage = rowLanguage({
  name: 'model',
  sample: { name: 'ocr', kind: 'model', versions: 2, latest: 2, aliases: { best: 2 } },
  valuesOf: ({ name, kind, versionCount, latestVersion, aliases }: Model) => ({
    name,
    kind,
    versions: versionCount,
    latest: latestVersion,
    aliases,
  }),
  wordsOf: ({ name, kind, aliases }) => join(name, kind, ...Object.keys(aliases).map((alias) => `@${alias}`)),
  example: 'model.versions > 1 && "best" in model.aliases',
})

/** A flow with its deployments, and the number of their devices on which it is healthy. */
type FlowRow = Model & { deployments: readonly { name: string }[]; healthy: number; total: number }

export const flowLanguage = rowLanguage({
  name: 'flow',
  sample: { name: 'pump', versions: 2, latest: 2, aliases: { best: 2 }, deployments: ['pump'], healthy: 3, devices: 4 },
  valuesOf: ({ name, versionCount, latestVersion, aliases, deployments, healthy, total }: FlowRow) => ({
    name,
    versions: versionCount,
    latest: latestVersion,
    aliases,
    healthy,
    devices: total,
    deployments: deployments.map((deployment) => deployment.name),
  }),
  wordsOf: ({ name, aliases, deployments }) =>
    join(name, ...Object.keys(aliases).map((alias) => `@${alias}`), ...deployments.map((each) => each.name)),
  example: 'flow.healthy < flow.devices',
})

export const siteLanguage = rowLanguage({
  name: 'site',
  sample: {
    name: 'oslo',
    kind: 'edge',
    country: 'NO',
    region: 'north',
    labels: {},
    clearance: 'internal',
    devices: 10,
  },
  valuesOf: ({ name, kind, country, region, labels, clearance, deviceCount }: SiteRow) => ({
    name,
    kind,
    country,
    region,
    labels,
    clearance,
    devices: deviceCount,
  }),
  wordsOf: ({ name, kind, country, region, labels, clearance }) =>
    join(name, kind, country, region, clearance, ...labelWords(labels)),
  example: 'site.country == "DE" && site.kind == "edge"',
})

type SiteRow = Pick<Site, 'name' | 'kind' | 'country' | 'region' | 'labels' | 'clearance' | 'deviceCount'>

const labelWords = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels).map(([key, value]) => `${key}=${value}`)

export const deploymentLanguage = rowLanguage({
  name: 'deployment',
  sample: {
    name: 'ocr',
    revision: 3,
    deployable: 'ocr',
    version: 2,
    selector: 'true',
    rollout: 'rol_aaaaaaaa',
    onFailure: 'pause',
    waves: 2,
    conflicts: 0,
    status: 'rolling',
    devices: 10,
    healthy: 4,
  },
  valuesOf: ({ name, revision, version, rolloutId, rolloutStatus, devices, conflicts, spec }: Deployment) => ({
    name,
    revision,
    deployable: spec.deployable,
    version,
    selector: spec.selector,
    rollout: rolloutId,
    onFailure: spec.strategy.onFailure,
    waves: spec.strategy.waves.length,
    conflicts,
    status: rolloutStatus,
    devices: devices.total,
    healthy: devices.healthy,
  }),
  wordsOf: ({ name, version, spec, rolloutId }) =>
    join(name, `${spec.deployable}:${version}`, spec.selector, rolloutId),
  example: 'deployment.deployable == "ocr" && deployment.conflicts > 0',
})

export const batchLanguage = rowLanguage({
  name: 'batch',
  sample: {
    id: 'bat_aaaaaaaa',
    command: 'collect-logs',
    status: 'running',
    selector: 'true',
    reason: '',
    author: 'ops',
    devices: 10,
    succeeded: 4,
    failed: 1,
    attempt: 1,
  },
  valuesOf: ({ id, command, status, selector, reason, created, devices, counts, attempt }: Batch) => ({
    id,
    command: command.kind,
    status,
    selector,
    reason,
    author: created.name,
    devices,
    attempt,
    succeeded: counts.succeeded,
    failed: counts.failed + counts['timed-out'],
  }),
  wordsOf: ({ id, command, status, selector, reason, created }) =>
    join(command.kind.replaceAll('-', ' '), command.kind, status, selector, reason, created.name, id),
  example: 'batch.command == "collect-logs" && batch.failed > 0',
})

export const keyLanguage = rowLanguage({
  name: 'key',
  sample: { id: 'key_aaaaaaaa', name: 'dashboard', role: 'viewer', revoked: false, used: true },
  valuesOf: ({ id, name, role, revokedAtMs, lastUsedAtMs }: Key) => ({
    id,
    name,
    role,
    revoked: revokedAtMs !== undefined,
    used: lastUsedAtMs !== undefined,
  }),
  wordsOf: ({ id, name, role }) => join(name, role, id),
  example: 'key.role == "owner" && !key.revoked',
})

export const userLanguage = rowLanguage({
  name: 'user',
  sample: { id: 'usr_aaaaaaaa', email: 'ann@plant.example', name: 'Ann', role: 'viewer', secondFactor: true },
  valuesOf: ({ id, email, name, role, hasSecondFactor }: User) => ({
    id,
    email,
    name,
    role,
    secondFactor: hasSecondFactor,
  }),
  wordsOf: ({ id, email, name, role }) => join(name, email, role, id),
  example: 'user.role == "owner" && !user.secondFactor',
})

export const tokenLanguage = rowLanguage({
  name: 'token',
  sample: {
    id: 'jtk_aaaaaaaa',
    site: 'oslo',
    labels: {},
    uses: 1,
    usesMax: 10,
    approval: 'auto',
    revoked: false,
  },
  valuesOf: ({ id, site, labels, uses, usesMax, approval, revokedAtMs }: JoinToken) => ({
    id,
    site,
    labels,
    uses,
    usesMax,
    approval,
    revoked: revokedAtMs !== undefined,
  }),
  wordsOf: ({ id, site, labels, approval }) => join(site, approval, ...labelWords(labels), id),
  example: 'token.site == "oslo" && token.uses < token.usesMax',
})

export const approvalLanguage = rowLanguage({
  name: 'approval',
  sample: {
    id: 'apr_aaaaaaaa',
    kind: 'deployments',
    action: 'deployment.apply',
    object: 'ocr',
    status: 'pending',
    askedBy: 'Ann',
    answeredBy: '',
    reason: '',
  },
  valuesOf: ({ id, kind, action, object, status, asked, answered, reason }: Approval) => ({
    id,
    kind,
    action,
    object,
    status,
    askedBy: asked.name,
    answeredBy: answered?.name,
    reason,
  }),
  wordsOf: ({ id, action, object, status, asked, answered, reason }) =>
    join(action, object, status, asked.name, answered?.name, reason, id),
  example: 'approval.status == "pending" && approval.askedBy == "Ann"',
})

export const intrusionLanguage = rowLanguage({
  name: 'finding',
  sample: {
    id: 'int_aaaaaaaa',
    rule: 'permission_probing',
    subject: 'press',
    kind: 'key',
    status: 'open',
    score: 24,
    threshold: 20,
    signs: 24,
    response: 'would',
    reason: '',
  },
  valuesOf: ({ id, rule, subject, status, score, threshold, count, response, closed }: Intrusion) => ({
    id,
    rule,
    subject: subject.name || subject.id,
    kind: subject.kind,
    status,
    score,
    threshold,
    signs: count,
    response: response.state,
    reason: closed?.reason,
  }),
  wordsOf: ({ id, rule, subject, status, closed }) =>
    join(rule, rule.replaceAll('_', ' '), subject.kind, subject.name, subject.id, status, closed?.reason, id),
  example: 'finding.status == "open" && finding.score >= finding.threshold',
})
