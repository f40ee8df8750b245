/** Router: every procedure of the contract with its handler. One that is missing does not compile. */
import type { Router } from '@orpc/server'
import type { api } from '@skerry/contract/api'
import { hubHandlers } from '../about/about-handlers.ts'
import { auditHandlers } from '../audit/audit-handlers.ts'
import { deploymentHandlers } from '../deployments/deployment-handlers.ts'
import { deviceHandlers } from '../devices/device-handlers.ts'
import { keyHandlers } from '../keys/key-handlers.ts'
import { modelHandlers } from '../models/model-handlers.ts'
import { rolloutHandlers } from '../rollouts/rollout-handlers.ts'
import { sessionHandlers } from '../sessions/session-handlers.ts'
import { siteHandlers } from '../sites/site-handlers.ts'
import { tokenHandlers } from '../tokens/token-handlers.ts'
import { uploadHandlers } from '../uploads/upload-handlers.ts'
import type { OpenCall } from './call.ts'
import { openOs } from './implementer.ts'

export const router: Router<typeof api, OpenCall> = openOs.router({
  hub: hubHandlers,
  key: keyHandlers,
  session: sessionHandlers,
  audit: auditHandlers,
  site: siteHandlers,
  token: tokenHandlers,
  device: deviceHandlers,
  upload: uploadHandlers,
  model: modelHandlers,
  deployment: deploymentHandlers,
  rollout: rolloutHandlers,
})
