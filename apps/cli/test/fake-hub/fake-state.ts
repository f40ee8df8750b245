/** Fake state: the state of the fake hub in memory, and the helper that creates its handlers. */
import { implement, ORPCError } from '@orpc/server'
import type { Alerts } from '@skerry/contract/alerts/alert'
import { api } from '@skerry/contract/api'
import type { AuditRecord } from '@skerry/contract/audit/audit'
import type { Deployment } from '@skerry/contract/deployments/deployment'
import { type ErrorCode, errors } from '@skerry/contract/errors/errors'
import type { NotRecorded, PushRequest } from '@skerry/contract/models/model'
import type { Rollout } from '@skerry/contract/rollouts/rollout'
import type { VersionCount } from '@skerry/contract/rollouts/version-counts'
import type { Site } from '@skerry/contract/sites/site'
import type { FakeUploads } from './fake-uploads.ts'

export type FakeState = FakeUploads & {
  /** The notice before a sign-in. */
  notice?: string
  alerts: Alerts
  sites: Map<string, Site>
  deployments: Map<string, Deployment>
  audit: AuditRecord[]
  pushes: PushRequest[]
  /** The answer to a push of known files. */
  notRecorded?: NotRecorded[]
  /** The versions that devices serve, of each pushed model; absent for a hub up to 0.1.0. */
  running?: VersionCount[] | undefined
  watched: Rollout[]
  /** The end of the stream after the event of this index: it breaks or ends, once, or sends nothing more. */
  watchEnds: ('breaks' | 'ends' | 'hangs')[]
}

/** A handler throws this to reject a request. */
export const refusal = (code: ErrorCode) => new ORPCError(code, { defined: true, ...errors[code] })

/** Every handler knows its caller. */
export const implementer = implement(api).$context<{ key: string | undefined }>()
export type Implementer = ReturnType<typeof implementer.use>
