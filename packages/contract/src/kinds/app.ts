/** Apps: containers that run beside the models of a device. A version of an app is called a release. */
import * as z from 'zod'
import type { App } from '../apps/app.ts'
import { Serving } from '../models/serving.ts'
import type { KindRow } from './kind-row.ts'

/** The services in the form that devices run. */
export const APP_PATH = 'app.json'
/** The file as a person wrote it. Devices do not read it. */
export const COMPOSE_PATH = 'compose.yaml'
/** The JSON Schema of the app's configuration. Absent if it has none. */
export const CONFIG_SCHEMA_PATH = 'config.schema.json'

/** 100 settings of an app are more than a form shows. */
export const CONFIG_SETTINGS_MAX = 100

/** The values of a deployment for the configuration of the app, by the names in its schema. */
export const AppConfig = z
  .record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'must be letters, digits and _'),
    z.union([z.string().max(2_000), z.number(), z.boolean()]),
  )
  .refine((config) => Object.keys(config).length <= CONFIG_SETTINGS_MAX, `at most ${CONFIG_SETTINGS_MAX} settings`)
export type AppConfig = z.infer<typeof AppConfig>

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
