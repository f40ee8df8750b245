/** Deployment manifest: a deployment as the document that "skerry apply -f" takes. */
import { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { Placement } from '@skerry/contract/places/placement'
import { canonicalJson } from '../values/canonical-json.ts'

export const MANIFEST_VERSION = 'skerry/v1'

export type DeploymentManifestDocument = {
  apiVersion: typeof MANIFEST_VERSION
  kind: 'Deployment'
  metadata: { name: string }
  spec: Record<string, unknown>
}

/** The whole spec as a document. */
export function deploymentManifest({ name, ...spec }: DeploymentSpec) {
  return { apiVersion: MANIFEST_VERSION, kind: 'Deployment', metadata: { name }, spec } as const
}

/** The fields that people look for first. The others follow in the order of the contract. */
const ALWAYS: ReadonlySet<string> = new Set(['deployable', 'version', 'selector'])

/** The document as a person would write it, without default values. It means the same deployment. */
export function shortManifest(spec: DeploymentSpec): DeploymentManifestDocument {
  const { name, ...rest } = spec
  const { name: _name, ...usual } = DeploymentSpec.parse({ name, deployable: spec.deployable })
  const waves = spec.strategy.waves.map((wave) => without(wave, WAVE_DEFAULTS))
  const strategy = { ...without(spec.strategy, usual.strategy), ...(waves.length > 0 ? { waves } : {}) }
  const short = {
    deployable: rest.deployable,
    version: rest.version,
    ...(rest.build !== undefined && { build: rest.build }),
    selector: rest.selector,
    ...(rest.placement && { placement: without(rest.placement, PLACEMENT_DEFAULTS) }),
    strategy,
    serving: without(rest.serving, usual.serving),
    probation: without(rest.probation, usual.probation),
    config: rest.config ?? {},
    configAt: rest.configAt ?? [],
  }
  const kept = Object.entries(short).filter(
    ([key, value]) =>
      ALWAYS.has(key) || key === 'placement' || typeof value === 'string' || Object.keys(value).length > 0,
  )
  return { apiVersion: MANIFEST_VERSION, kind: 'Deployment', metadata: { name }, spec: Object.fromEntries(kept) }
}

const PLACEMENT_DEFAULTS = Placement.parse({})

const WAVE_DEFAULTS =
  DeploymentSpec.parse({ name: 'a', deployable: 'a', strategy: { waves: [{}] } }).strategy.waves[0] ?? {}

/** The record without the fields that are the same in the other. */
function without(record: object, usual: object): Record<string, unknown> {
  const defaults = usual as Record<string, unknown>
  const differs = ([key, value]: [string, unknown]) =>
    value !== undefined && (!(key in defaults) || canonicalJson(value) !== canonicalJson(defaults[key]))
  return Object.fromEntries(Object.entries(record).filter(differs))
}
