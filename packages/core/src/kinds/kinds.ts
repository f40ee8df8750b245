/** The rules of each kind. The rest of core calls them without looking at the kind. */
import type { ItemState } from '@skerry/contract/devices/item'
import {
  type DetailValueOf,
  kinds,
  type SpecOf,
  type VersionKind,
  VersionKind as VersionKinds,
} from '@skerry/contract/kinds/kinds'
import type { HostedRuntime } from '@skerry/contract/models/hosted-model'
import type { Serving, Shadow } from '@skerry/contract/models/serving'
import { agentRules } from './agent.ts'
import { appRules } from './app.ts'
import { chatRules } from './chat.ts'
import { dataRules } from './data.ts'
import { flowRules } from './flow.ts'
import { ggufRules } from './gguf.ts'
import { hostedRules } from './hosted.ts'
import type { DataRoute, DeploymentPart, KindRules } from './kind-rules.ts'
import { modelRules } from './model.ts'
import { osRules } from './os.ts'
import { servedRules } from './served.ts'
import { systemRules } from './system.ts'

/** A kind without rules does not compile. */
const rules: { [Kind in VersionKind]: KindRules<Kind> } = {
  model: modelRules,
  flow: flowRules,
  app: appRules,
  agent: agentRules,
  os: osRules,
  gguf: ggufRules,
  served: servedRules,
  chat: chatRules,
  data: dataRules,
  system: systemRules,
  hosted: hostedRules,
}

/** The only place in core that selects code by kind. */
export function rulesOf<Kind extends VersionKind>(kind: Kind): KindRules<Kind> {
  return rules[kind]
}

type Kinded = { [Kind in VersionKind]: { kind: Kind; spec: SpecOf<Kind> } }[VersionKind]

/** For each kind that carries data, the function that reads its way through a version. */
export const dataRouteOf: ReadonlyMap<VersionKind, (content: DetailValueOf<VersionKind>) => DataRoute> = new Map(
  VersionKinds.options.flatMap((kind) => {
    const read = rulesOf<VersionKind>(kind).dataRoute
    return read ? [[kind, (content: DetailValueOf<VersionKind>) => read(content as never)] as const] : []
  }),
)

/** The kinds whose versions need an app on the device. */
export const KINDS_WITH_RUNTIME: readonly VersionKind[] = VersionKinds.options.filter(
  (kind) => rulesOf<VersionKind>(kind).runtime !== undefined,
)

/** The app on the device that loads the files of a version with this content; undefined if it needs none. */
export const runtimeOf = (kind: VersionKind, content: DetailValueOf<VersionKind>): HostedRuntime | undefined =>
  rulesOf<VersionKind>(kind).runtime?.(content as never)

/** How the runner runs the item. */
export const servingOf = ({ kind, spec }: Kinded): Serving => rulesOf<VersionKind>(kind).serving(spec as never)

/** The other settings of the item that need another load when they change; undefined if there are none. */
export const settingsOf = ({ kind, spec }: Kinded): string | undefined =>
  rulesOf<VersionKind>(kind).settings?.(spec as never)

/** The rules by which the item is compared with the version that serves; undefined if it is not. */
export const shadowOf = ({ kind, spec }: Kinded): Shadow | undefined => rulesOf<VersionKind>(kind).shadow(spec as never)

/** The kind and its part of a desired item, from a deployment. */
export function kindedSpec(kind: VersionKind, deployment: DeploymentPart) {
  const spec: SpecOf<VersionKind> = rulesOf<VersionKind>(kind).specOf(deployment)
  return { kind, spec } as Kinded
}

/** The memory that a load takes whatever its files are; undefined if it depends on them. */
export const fixedMemoryOf = ({ kind }: { kind: VersionKind }): number | undefined => rulesOf(kind).memoryBytes

/** In the order in which the items are loaded after a restart. */
export const inLoadOrder = <Life extends { target: { kind: VersionKind } }>(lives: readonly Life[]): Life[] =>
  lives.toSorted((one, other) => rulesOf(one.target.kind).rank - rulesOf(other.target.kind).rank)

/** Whether items of the kind pass the state. */
export const passesState = (kind: VersionKind, state: ItemState): boolean =>
  (kinds[kind].lifecycle as readonly ItemState[]).includes(state)
