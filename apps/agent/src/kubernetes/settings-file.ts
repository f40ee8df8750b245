/** Settings file: how the pods of single models look, beside the arguments of the agent. Read at each start. */
import { readFile } from 'node:fs/promises'
import { CLUSTER_DEFAULTS, type ClusterSettings } from '@skerry/core/kubernetes/cluster-settings'
import { parseJson } from '@skerry/core/values/parse-json'
import * as z from 'zod'
import { AGENT_VERSION } from '../version.ts'
import type { ClusterOptions } from './cluster-options.ts'

const labels = z.record(z.string().max(317), z.string().max(63))
const replicas = z.int().min(1).max(1_000)

const OtherServer = z.strictObject({
  image: z.string().min(1).max(255),
  command: z.array(z.string()).max(64).optional(),
  args: z.array(z.string()).max(64).optional(),
  port: z.int().min(1).max(65_535).default(8_000),
  modelFolder: z
    .string()
    .regex(/^\/[a-z0-9/_-]{1,100}$/)
    .default('/models'),
  readyPath: z.string().startsWith('/').max(200).default('/v2/models/{model}/ready'),
})

const Part = z
  .strictObject({
    image: z.string().min(1).max(255),
    minReplicas: replicas,
    maxReplicas: replicas,
    cpuPercent: z.int().min(1).max(1_000),
    cpus: z.number().min(0.01).max(1_024),
    memoryMiB: z.int().min(64).max(16_777_216),
    diskMiB: z.int().min(16).max(16_777_216),
    deadlineSeconds: z.int().min(10).max(86_400),
    devices: z.record(z.string().regex(/^[a-z0-9.-]+\/[A-Za-z0-9._-]+$/), z.int().min(1).max(64)),
    nodeSelector: labels,
    pullSecret: z.string().max(253),
    server: OtherServer,
  })
  .partial()

const SettingsFile = z.strictObject({
  /** For each model that is not named below. */
  all: Part.optional(),
  /** By the name of the model. */
  models: z.record(z.string(), Part).default({}),
})

export type SettingsOf = (model: string) => ClusterSettings

/** The settings of each model. Throws an error with words for people if the file cannot be used. */
export async function readClusterSettings({
  image,
  replicas: range,
  settingsFile,
}: ClusterOptions): Promise<SettingsOf> {
  const given: z.infer<typeof SettingsFile> =
    settingsFile === undefined ? { models: {} } : parseSettings(settingsFile, await readFile(settingsFile, 'utf8'))
  const base: ClusterSettings = {
    ...CLUSTER_DEFAULTS,
    image: image ?? `skerry/agent:${AGENT_VERSION}`,
    minReplicas: range.min,
    maxReplicas: range.max,
  }
  const settingsOf = (model: string): ClusterSettings => {
    const found = { ...base, ...withoutGaps(given.all), ...withoutGaps(given.models[model]) }
    return { ...found, maxReplicas: Math.max(found.minReplicas, found.maxReplicas) }
  }
  return settingsOf
}

function parseSettings(path: string, text: string): z.infer<typeof SettingsFile> {
  const parsed = SettingsFile.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Error(`${path}: ${issue?.path.join('.') || 'the file'}: ${issue?.message}`)
}

/** Fields that are absent do not replace those of the base. */
const withoutGaps = (part: z.infer<typeof Part> = {}): Partial<ClusterSettings> =>
  Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined)) as Partial<ClusterSettings>
