/** Served models: an app on the device answers for them. The agent puts its own endpoint and its checks before the app. */
import * as z from 'zod'
import type { ServedModel } from '../models/served-model.ts'
import type { KindRow } from './kind-row.ts'
import { ModelSpec } from './model.ts'

/** The app, the model in its server, and the tensors. */
export const SERVED_PATH = 'served.json'

/** A request goes to the app as it would go to a worker, so all settings of a model apply. */
export const ServedSpec = z.object(ModelSpec.shape)
export type ServedSpec = z.infer<typeof ServedSpec>

export const servedKind = {
  mainFile: SERVED_PATH,
  // Agents that are older than the kind, or have no container engine, are never offered it.
  capability: 'served',
  serves: true,
  mayShadow: true,
  hasGoldenCases: true,
  lifecycle: ['fetching', 'verifying', 'loading', 'golden', 'shadow', 'ready', 'probation', 'active'],
  spec: ServedSpec,
  // The hub read the file by its schema when it was pushed.
  detail: { served: z.custom<ServedModel>() },
} as const satisfies KindRow
