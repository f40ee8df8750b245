/** Fake state: what the fake hub holds in memory, and how its handlers are made. */
import { implement, ORPCError } from '@orpc/server'
import type { Alerts } from '@skerry/contract/alerts/alert'
import { api } from '@skerry/contract/api'
import type { AuditRecord } from '@skerry/contract/audit/audit'
import type { Deployment } from '@skerry/contract/deployments/deployment'
import { type ErrorCode, errors } from '@skerry/contract/errors/errors'
import type { PushRequest } from '@skerry/contract/models/model'
import type { Rollout } from '@skerry/contract/rollouts/rollout'
import type { Site } from '@skerry/contract/sites/site'
import type { FakeUploads } from './fake-uploads.ts'

export type FakeState = FakeUploads & {
  /** What is told before a sign-in. */
  notice?: string
  alerts: Alerts
  sites: Map<string, Site>
  deployments: Map<string, Deployment>
  audit: AuditRecord[]
  pushes: PushRequest[]
  watched: Rollout[]
  /** What happens after the event of this index: the stream breaks or ends, once, or nothing more comes. */
  watchEnds: ('breaks' | 'ends' | 'hangs')[]
}

/** What a handler throws to refuse. */
export const refusal = (code: ErrorCode) => new ORPCError(code, { defined: true, ...errors[code] })

/** Every handler knows who calls. */
export const implementer = implement(api).$context<{ key: string | undefined }>()
export type Implementer = ReturnType<typeof implementer.use>
