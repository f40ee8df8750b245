/**
 * Lint Compose: checks a Compose file that was read as YAML, and writes it in the normal form of an app. Apps have a
 * closed subset of the Compose specification. Each other field is reported with its path, and so is each field that
 * would give a container access to the device around it.
 */
import { App, SERVICES_MAX, type Service, ServiceName } from '@skerry/contract/apps/app'
import type { ConfigSchema } from '@skerry/contract/apps/config-schema'
import type { Digest } from '@skerry/contract/values/digest'
import { DATA_FIELD } from './compose-data.ts'
import { checkFields } from './compose-fields.ts'
import { type ComposePath, type ComposeProblem, type Findings, mapOf, report } from './compose-findings.ts'
import { declaredVolumes } from './compose-mounts.ts'
import { checkClaims } from './compose-ports.ts'
import { declaredSecrets } from './compose-secrets.ts'
import { REPOSITORY_FIELD, SERVES_FIELD } from './compose-serves.ts'
import { type DraftService, serviceOf } from './compose-service.ts'

/** The services before their images are known. */
export type DraftApp = { services: Readonly<Record<string, DraftService>>; drift?: App['drift'] }

/** The policy for containers that somebody stops or changes on the device. */
const DRIFT_FIELD = 'x-skerry-drift'

export type LintOptions = {
  /** Variables, as `SERVICE.NAME`, that a person has declared to be no secrets. */
  notSecret?: ReadonlySet<string>
  /** The services may reach into the device. Such a release needs a permission of its own. */
  mayReach?: boolean
}

export type Lint = { draft: DraftApp; problems: ComposeProblem[] }

/** All problems of the file, except of its images. The draft holds the parts that could be read. */
export function lintCompose(document: unknown, { notSecret = new Set(), mayReach = false }: LintOptions = {}): Lint {
  const it: Findings = { problems: [], mayReach }
  const top = mapOf(it, { value: document, path: [] })
  if (!top) return { draft: { services: {} }, problems: it.problems }
  checkFields(it, 'top', top, [])
  const reading = {
    declaredVolumes: declaredVolumes(it, { value: top.volumes, path: ['volumes'] }),
    declaredSecrets: declaredSecrets(it, { value: top.secrets, path: ['secrets'] }),
    notSecret,
  }
  const named = Object.entries(
    top.services === undefined ? {} : (mapOf(it, { value: top.services, path: ['services'] }) ?? {}),
  )
  if (named.length === 0) report(it, ['services'], 'value_invalid', 'the file has no services; write at least one')
  if (named.length > SERVICES_MAX) {
    report(it, ['services'], 'value_invalid', `an app has at most ${SERVICES_MAX} services; make two apps of it`)
  }
  const services = named.slice(0, SERVICES_MAX).flatMap(([name, value]) => {
    const path = ['services', name]
    const parsed = ServiceName.safeParse(name)
    if (!parsed.success) report(it, path, 'value_invalid', `the name of a service ${firstIssue(parsed.error.issues)}`)
    const service = serviceOf(it, name, { value, path }, reading)
    return service && parsed.success ? [[name, service] as const] : []
  })
  checkClaims(it, services.flatMap(claimsOf))
  const drift = driftOf(it, top[DRIFT_FIELD])
  const draft = { services: Object.fromEntries(services), ...(drift && { drift }) }
  if (it.problems.length === 0) it.problems.push(...schemaProblems(draft))
  return { draft, problems: it.problems }
}

/** Without the field, the agent corrects such a container. */
function driftOf(it: Findings, value: unknown): App['drift'] {
  if (value === undefined || value === 'correct') return undefined
  if (value === 'report') return value
  return report(it, [DRIFT_FIELD], 'value_invalid', 'must be correct or report')
}

const claimsOf = ([service, { ports = [] }]: readonly [string, DraftService]) =>
  ports.map((port, index) => ({ service, port, path: ['services', service, 'ports', index] }))

/** The facts about an image in an archive. */
export type ImageFacts = { manifest: Digest; config: Digest; platform: Service['platform'] }

export type AppResult = { ok: true; app: App } | { ok: false; problems: ComposeProblem[] }

/** The app with its images. `images` has them by the names that the file gives them. */
export function withImages(draft: DraftApp, images: ReadonlyMap<string, ImageFacts>, config?: ConfigSchema): AppResult {
  const it: Findings = { problems: [] }
  const services = Object.entries(draft.services).flatMap(([name, { platform, ...service }]) => {
    const path = ['services', name, 'image']
    const image = images.get(service.imageName)
    if (!image) {
      report(it, path, 'reference_unknown', `no archive has ${service.imageName}; ${imageAdvice(service.imageName)}`)
      return []
    }
    const of = `${image.platform.os}/${image.platform.architecture}`
    if (platform !== undefined && platform !== of) {
      report(it, path, 'reference_unknown', `the file wants ${platform}, but the image is for ${of}`)
    }
    return [[name, { ...service, image: image.manifest, imageId: image.config, platform: image.platform }] as const]
  })
  const app = App.safeParse({
    v: 1,
    services: Object.fromEntries(services),
    ...(draft.drift && { drift: draft.drift }),
    ...(config && { config }),
  })
  if (it.problems.length > 0) return { ok: false, problems: it.problems }
  return app.success ? { ok: true, app: app.data } : { ok: false, problems: problemsOf(app.error.issues) }
}

const imageAdvice = (name: string) => `save it with "docker save -o FILE ${name}", and add --image FILE`

const ANY_DIGEST = `sha256:${'0'.repeat(64)}`
const ANY_IMAGE = {
  image: ANY_DIGEST,
  imageId: ANY_DIGEST,
  platform: { os: 'linux', architecture: 'amd64' },
}

/** Limits of numbers and lists, and dependencies: the schema of an app knows them. */
function schemaProblems({ services }: DraftApp): ComposeProblem[] {
  const entries = Object.entries(services).map(([name, { platform: _, ...service }]) => [
    name,
    { ...service, ...ANY_IMAGE },
  ])
  const parsed = App.safeParse({ v: 1, services: Object.fromEntries(entries) })
  return parsed.success ? [] : problemsOf(parsed.error.issues)
}

type Issue = { path: readonly PropertyKey[]; message: string }

const problemsOf = (issues: readonly Issue[]): ComposeProblem[] =>
  issues.map(({ path, message }) => ({ path: composePath(path), code: 'value_invalid', message }))

/** The names of fields that differ between an app and a Compose file. */
const COMPOSE_NAMES: Readonly<Record<string, readonly string[]>> = {
  imageName: ['image'],
  workingDir: ['working_dir'],
  readOnly: ['read_only'],
  serves: [SERVES_FIELD],
  data: [DATA_FIELD],
  repository: [REPOSITORY_FIELD],
  isBinary: ['binary'],
  dependsOn: ['depends_on'],
  networkMode: ['network_mode'],
  stopGraceMs: ['stop_grace_period'],
  stopSignal: ['stop_signal'],
  resources: ['deploy', 'resources', 'limits'],
  memoryBytes: ['memory'],
  intervalMs: ['interval'],
  timeoutMs: ['timeout'],
  startPeriodMs: ['start_period'],
}

const composePath = (path: readonly PropertyKey[]): ComposePath =>
  path.flatMap((part, index): ComposePath => {
    if (typeof part === 'number') return [part]
    // The name of a service may be that of a field.
    return index === 1 ? [String(part)] : (COMPOSE_NAMES[String(part)] ?? [String(part)])
  })

const firstIssue = ([issue]: readonly Issue[]) => issue?.message ?? 'is not valid'
