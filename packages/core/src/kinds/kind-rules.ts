/** Kind rules: the decisions about a deployable kind, as pure functions. */
import type { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import type { Inventory } from '@skerry/contract/devices/device'
import type { DetailValueOf, SpecOf, VersionKind } from '@skerry/contract/kinds/kinds'
import type { HostedRuntime } from '@skerry/contract/models/hosted-model'
import type { Serving, Shadow } from '@skerry/contract/models/serving'
import type { PlacementAnswer } from '../deployments/placement-answer.ts'
import type { UpdateHold } from '../device/update-hold.ts'
import type { FlowData } from '../places/data-class.ts'
import type { HoldFacts, LifeInHold } from './hold-facts.ts'

/** The facts about a version that a device must fit. */
export type VersionNeeds = {
  /** 0 if the version needs none. */
  opset: number
}

/** The part of a deployment that decides how a device runs the version. */
export type DeploymentPart = Pick<DeploymentSpec, 'serving' | 'strategy' | 'config'> &
  Partial<Pick<DeploymentSpec, 'placement'>>

export type DataRoute = { data: FlowData; models: readonly string[] }

export type KindRules<Kind extends VersionKind> = {
  /** The part of a desired item that only this kind has. */
  specOf(deployment: DeploymentPart): SpecOf<Kind>
  /** Why a deployment cannot bring this version; undefined if it can. `content` is the field of its page that only this kind has. */
  deploymentProblem(
    deployment: Pick<DeploymentSpec, 'strategy' | 'config'>,
    content: DetailValueOf<Kind>,
  ): string | undefined
  /** The way of data through the version, and the models that get the data. Absent if the kind carries none. */
  dataRoute?(content: DetailValueOf<Kind>): DataRoute
  /** The app on the device that loads the files of the version. Absent if the kind needs none. */
  runtime?(content: DetailValueOf<Kind>): HostedRuntime
  /** How the runner runs it. If it changes, the item is loaded again. */
  serving(spec: SpecOf<Kind>): Serving
  /**
   * The other settings that need another load when they change, as a text. A failure is remembered for the version with
   * these settings. Absent if the kind has none.
   */
  settings?(spec: SpecOf<Kind>): string | undefined
  /** The rules of its comparison with the version that serves; undefined if it is not compared. */
  shadow(spec: SpecOf<Kind>): Shadow | undefined
  /** Texts of the placement check `capability`. */
  capable: { yes: string; no: string }
  /** Whether the device's runtime can load the version. */
  fit(needs: VersionNeeds, inventory: Pick<Inventory, 'opsetMax'> | undefined): PlacementAnswer
  /** The memory that a load takes, if it does not depend on the size of the files. */
  memoryBytes?: number
  /** After a restart, kinds of a lower rank are loaded first. */
  rank: number
  /** The reason why it waits on the device although nothing is wrong with it. */
  hold(life: LifeInHold, facts: HoldFacts): UpdateHold | undefined
  /** Its treatment after its second crash, as words in the middle of a sentence. */
  afterCrashes: string
}
