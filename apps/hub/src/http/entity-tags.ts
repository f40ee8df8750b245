/** Entity tags of the hub: the state that each kind of object is in now, as its view has it. */
import type { Entity } from '@skerry/contract/api/procedure'
import type { ConnectionKind } from '@skerry/contract/connection'
import {
  aliasTag,
  approvalTag,
  batchTag,
  connectionTag,
  deploymentTag,
  deviceTag,
  type EntityTag,
  keyTag,
  modelTag,
  roleTag,
  rolloutTag,
  secretTag,
  siteTag,
  tokenTag,
  uploadTag,
  userTag,
  versionTag,
} from '@skerry/contract/entity-tag'
import {
  ApprovalId,
  BatchId,
  ConnectionId,
  JoinTokenId,
  KeyId,
  type OrganisationId,
  RolloutId,
  SecretId,
  UploadId,
  UserId,
} from '@skerry/contract/ids'
import { VersionReference } from '@skerry/contract/model'
import { findApproval } from '../approvals/approval-store.ts'
import { batchOf, findBatch } from '../batches/batch-store.ts'
import { type ConnectionRow, findConnection, findOwned } from '../connections/connection-store.ts'
import { findDeployment } from '../deployments/deployment-store.ts'
import { findDevice } from '../devices/device-store.ts'
import type { Hub } from '../hub.ts'
import { findKey, keyOf } from '../keys/key-store.ts'
import { findModel, resolveVersion } from '../models/version-store.ts'
import { modelOf } from '../models/version-view.ts'
import { findMember } from '../people/people-store.ts'
import { revisionOf } from '../roles/role-store.ts'
import { findRolloutView } from '../rollouts/rollout-store.ts'
import { findSecret, ownerKey, ownerOf } from '../secrets/secret-store.ts'
import { findSite } from '../sites/site-store.ts'
import type { Db } from '../store/store.ts'
import { findToken, tokenOf } from '../tokens/token-store.ts'
import { findUpload } from '../uploads/upload-store.ts'

/** Who asks, where to look, and what stands for the parameters of the path. */
type Asked = {
  hub: Hub
  db: Db
  organisationId: OrganisationId
  /** Empty where the input has none, or what nothing is ever called: no object is found then. */
  named(parameter: string): string
}

type Find = (asked: Asked) => Promise<EntityTag | undefined>

/** The tag of what a procedure is about; undefined where there is no such object. The input has not been parsed where it is asked early. */
export function entityTagOf(entity: Entity, { input, ...asked }: Omit<Asked, 'named'> & { input: unknown }) {
  const values = new Map(Object.entries(typeof input === 'object' && input !== null ? input : {}))
  const named = (parameter: string) => {
    const text = String(values.get(parameter) ?? '')
    return NAMED.test(text) ? text : ''
  }
  return FIND[entity]({ ...asked, named })
}

/** Names, ids, scopes and references to versions, and nothing that a database would choke on. */
const NAMED = /^[\w@:-]{1,80}$/

const FIND: Readonly<Record<Entity, Find>> = {
  // What makes one calls it by its own name.
  site: async ({ db, organisationId, named }) => {
    const site = await findSite(db, organisationId, named('site') || named('name'))
    return site && siteTag(site)
  },
  deployment: async ({ db, organisationId, named }) => {
    const deployment = await findDeployment(db, organisationId, named('deployment') || named('name'))
    return deployment && deploymentTag(deployment)
  },
  device: async ({ db, organisationId, named }) => {
    const device = await findDevice(db, organisationId, named('device'))
    return device && deviceTag(device)
  },
  rollout: async ({ db, organisationId, named }) => {
    const rolloutId = RolloutId.safeParse(named('rollout')).data
    const rollout = rolloutId && (await findRolloutView(db, { organisationId, rolloutId }))
    return rollout && rolloutTag(rollout)
  },
  model: async (asked) => {
    const model = await modelIn(asked)
    return model && modelTag(model)
  },
  alias: async (asked) => {
    const model = await modelIn(asked)
    return model && aliasTag(model, asked.named('alias'))
  },
  version: async ({ db, organisationId, named }) => {
    const reference = VersionReference.safeParse(named('version')).data
    if (reference === undefined) return undefined
    const found = await resolveVersion(db, { organisationId, model: named('model') }, reference)
    return found.ok ? versionTag(found.version) : undefined
  },
  user: async ({ db, organisationId, named }) => {
    const id = UserId.safeParse(named('user')).data
    const member = id && (await findMember(db, organisationId, id))
    return member && userTag(member)
  },
  role: async ({ db, organisationId, named }) => {
    const name = named('role')
    const revision = await revisionOf(db, organisationId, name)
    return revision === undefined ? undefined : roleTag({ name, revision })
  },
  approval: async ({ db, organisationId, named }) => {
    const id = ApprovalId.safeParse(named('approval')).data
    const row = id && (await findApproval(db, organisationId, id))
    return row && approvalTag(row)
  },
  key: async ({ db, organisationId, named }) => {
    const id = KeyId.safeParse(named('key')).data
    const row = id && (await findKey(db, id))
    return row?.organisation_id === organisationId ? keyTag(keyOf(row)) : undefined
  },
  token: async ({ db, organisationId, named }) => {
    const id = JoinTokenId.safeParse(named('token')).data
    const row = id && (await findToken(db, { organisationId, id }))
    return row && tokenTag(tokenOf(row))
  },
  upload: async ({ hub, db, organisationId, named }) => {
    const id = UploadId.safeParse(named('upload')).data
    const row = id && (await findUpload(db, { organisationId, id, nowMs: hub.clock.nowMs() }))
    return row && uploadTag(row)
  },
  batch: async ({ db, organisationId, named }) => {
    const id = BatchId.safeParse(named('batch')).data
    const row = id && (await findBatch(db, { organisationId, batchId: id }))
    return row && batchTag(batchOf(row))
  },
  secret: async ({ db, organisationId, named }) => {
    const id = SecretId.safeParse(named('secret')).data
    const row = id && (await findSecret(db, organisationId, id))
    return row && secretTag(row)
  },
  source: (asked) => connectionIn(asked, 'source'),
  sink: (asked) => connectionIn(asked, 'sink'),
}

/** By its id; or, where one is set, by what it is called and whose it is. */
async function connectionIn({ db, organisationId, named }: Asked, kind: ConnectionKind) {
  const id = ConnectionId.safeParse(named('connection')).data
  if (id) return tagOfRow(await findConnection(db, organisationId, id))
  const owner = await ownerOf(db, organisationId, named('scope') || 'organisation')
  if (!owner) return undefined
  return tagOfRow(await findOwned(db, organisationId, { kind, owner: ownerKey(owner), name: named('name') }))
}

const tagOfRow = (row: ConnectionRow | undefined) => row && connectionTag(row)

async function modelIn({ db, organisationId, named }: Asked) {
  const row = await findModel(db, { organisationId, model: named('model') })
  return row && modelOf(db, row)
}
