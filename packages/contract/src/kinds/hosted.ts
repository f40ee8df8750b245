/** Hosted models: models with files of another engine, which an app on the device loads and answers for. */
import * as z from 'zod'
import type { HostedModel } from '../models/hosted-model.ts'
import type { KindRow } from './kind-row.ts'
import { ServedSpec } from './served.ts'

/** The runtime and the tensors. All other files of the version are below `HOSTED_FOLDER`. */
export const HOSTED_PATH = 'hosted.json'
/** A file of an engine may have the name of the main file of another kind. */
export const HOSTED_FOLDER = 'files/'

/** A request goes to the app as it would go to a worker, so all settings of a model apply. */
export const HostedSpec = z.object(ServedSpec.shape)
export type HostedSpec = z.infer<typeof HostedSpec>

export const hostedKind = {
  mainFile: HOSTED_PATH,
  // Agents that are older than the kind, or have no container engine, are never offered it.
  capability: 'hosted',
  serves: true,
  mayShadow: true,
  hasGoldenCases: true,
  lifecycle: ['fetching', 'verifying', 'loading', 'golden', 'shadow', 'ready', 'probation', 'active'],
  spec: HostedSpec,
  // The hub read the file by its schema when it was pushed.
  detail: { hosted: z.custom<HostedModel>() },
} as const satisfies KindRow
