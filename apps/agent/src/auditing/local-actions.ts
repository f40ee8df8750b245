/**
 * Local actions: the events on a device that its journal records. Actions that a hub ordered are in the hub's audit
 * trail already.
 */
import { createHash } from 'node:crypto'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Cause } from '@skerry/contract/devices/item'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import { type Conditions, createConditions } from '../conditions.ts'
import type { Identity } from '../joining/identity.ts'
import type { AgentOptions } from '../options.ts'
import type { SecretKeeper } from '../secrets/secret-keeper.ts'
import type { AuditJournal } from '../store/audit-journal.ts'
import { AGENT_VERSION } from '../version.ts'
import { type DeviceJournal, openDeviceJournal } from './device-journal.ts'

export type OpenJournalDeps = {
  store: { audit: AuditJournal }
  privateKey: string
  clock: Clock
  log: Pick<Log, 'error' | 'warn' | 'info'>
  onChange: () => void
}

/**
 * Opens the journal, and notes the start of the agent with its options. Returns conditions that the journal records
 * too.
 */
export function openJournal(
  options: AgentOptions,
  deps: OpenJournalDeps,
): { journal: DeviceJournal; conditions: Conditions } {
  const { audit } = deps.store
  const journal = openDeviceJournal({ ...deps, journal: audit })
  const last = audit.last()
  const before = last === undefined ? 'nothing' : last.action === 'agent-stopped' ? 'stopped on request' : 'cut off'
  if (last && last.atMs > deps.clock.nowMs() + BEHIND_MS) {
    journal.note('clock-jumped', { byMs: Math.round(deps.clock.nowMs() - last.atMs) })
  }
  journal.note('agent-started', { version: AGENT_VERSION, before })
  journal.noteChange('options', wordsOf(options), 'options-changed')
  return { journal, conditions: tellingConditions(createConditions(deps.log, deps.onChange), journal) }
}

/** In milliseconds. Clocks are always corrected by fractions of a second. */
const BEHIND_MS = 5_000

/** Conditions that may result from an attack or an intervention. A missing network is not one. */
const TOLD: readonly string[] = [
  'clock_wrong',
  'generation_refused',
  'document_misdirected',
  'document_damaged',
  'document_unreadable',
  'secrets_refused',
  'secrets_damaged',
  'secrets_folder_refused',
  'trust_refused',
  'identity_damaged',
  'model_key_refused',
  'update_locked',
  'port_in_use',
  'join_refused',
  'device_revoked',
  'certificate_invalid',
]

function tellingConditions(conditions: Conditions, journal: DeviceJournal): Conditions {
  const isRaised = (code: string) => conditions.list().some((cause) => cause.code === code)
  return {
    list: conditions.list,
    raise(cause) {
      const { code, message } = cause
      if (TOLD.includes(code) && !isRaised(code)) journal.note('condition-raised', { code, message })
      conditions.raise(cause)
    },
    clear(code) {
      if (TOLD.includes(code) && isRaised(code)) journal.note('condition-cleared', { code })
      conditions.clear(code)
    },
  }
}

/** The check of versions, which also records rejected versions in the journal. */
export const noteRefusals =
  (judge: (item: DesiredItem) => Cause | undefined, journal: DeviceJournal) =>
  (item: DesiredItem): Cause | undefined => {
    const cause = judge(item)
    const { name, version, digest } = item
    if (cause) journal.note('version-refused', { name, version, digest, code: cause.code, message: cause.message })
    return cause
  }

/** The keeper of secrets, which also records changed secrets in the journal. */
export const noteSecrets = (keeper: SecretKeeper, journal: DeviceJournal): SecretKeeper => ({
  ...keeper,
  async take(document) {
    await keeper.take(document)
    journal.noteChange('secrets', { revision: keeper.held().revision ?? '' }, 'secrets-changed')
  },
})

/** The hub of the device, and its trusted keys. */
export function noteIdentity(journal: DeviceJournal, { deviceId, hub, certificate, ca, trustedKeys }: Identity): void {
  const keys = { certificate: shortHash(certificate), ca: shortHash(ca), trustedKeys: shortHash(...trustedKeys) }
  journal.noteChange('identity', { deviceId, hub, ...keys }, 'identity-changed')
}

const shortHash = (...texts: string[]): string => {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(text).update('\0')
  return hash.digest('hex').slice(0, 32)
}

/** A join token is a secret. */
function wordsOf(options: AgentOptions): Record<string, string> {
  const {
    data,
    rest,
    grpc,
    locks,
    secrets = '',
    name = '',
    serial = '',
    logLevel,
    encryptModels,
    sealKey = '',
    allowRemote,
    allowSystem,
    proxy,
    remoteAddresses,
    trainingData,
    page,
  } = options
  return {
    data,
    rest: `${rest.host}:${rest.port}`,
    grpc: `${grpc.host}:${grpc.port}`,
    locks,
    secrets,
    name,
    serial,
    logLevel,
    encryptModels: encryptModels === undefined ? '' : String(encryptModels),
    sealKey,
    // An option of a later version is no change of the operator: it is absent while it has its usual value.
    ...(allowRemote.length > 0 && { allowRemote: allowRemote.join() }),
    ...(allowSystem.length > 0 && { allowSystem: allowSystem.join() }),
    ...(proxy !== undefined && { proxy }),
    ...(remoteAddresses.length > 0 && { remoteAddresses: remoteAddresses.join() }),
    ...(page.isConsentNeeded && { remoteConsent: 'on' }),
    // The consent of the owner. Absent without one, so that older journals record no change.
    ...(trainingData.length > 0 && { trainingData: consentText(trainingData) }),
  }
}

/** [contract, DeviceJournal] Texts of the journal are short. */
const CONSENT_MAX = 200

const consentText = (sets: AgentOptions['trainingData']): string =>
  sets
    .map(({ name, campaigns }) => `${name}:${campaigns === 'any' ? campaigns : campaigns.join()}`)
    .join(' ')
    .slice(0, CONSENT_MAX)
