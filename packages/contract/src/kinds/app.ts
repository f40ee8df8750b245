/** Apps: containers that run beside the models of a device. A version of an app is called a release. */
import * as z from 'zod'
import type { App } from '../apps/app.ts'
import { AppConfig } from '../apps/config-schema.ts'
import { Serving } from '../models/serving.ts'
import type { KindRow } from './kind-row.ts'

/** The services in the form that devices run. */
export const APP_PATH = 'app.json'
/** The file as a person wrote it. Devices do not read it. */
export const COMPOSE_PATH = 'compose.yaml'
/** The JSON Schema of the app's configuration. Absent if it has none. */
export const CONFIG_SCHEMA_PATH = 'config.schema.json'

/** How a device runs the app. */
export const AppSpec = z.object({ onCrash: Serving.shape.onCrash.optional(), config: AppConfig.optional() })
export type AppSpec = z.infer<typeof AppSpec>

export const appKind = {
  mainFile: APP_PATH,
  capability: 'container',
  serves: false,
  mayShadow: false,
  hasGoldenCases: false,
  lifecycle: ['fetching', 'verifying', 'loading', 'ready', 'probation', 'active'],
  spec: AppSpec,
  // The hub read the app by its schema when it was pushed. A page that only shows models need not load that schema.
  detail: { app: z.custom<App>() },
} as const satisfies KindRow
