/**
 * Kind row: the part of the CLI that differs from one kind of version to another. A kind must have words. A kind
 * without the other parts is shown with the facts that all versions have, and with its files.
 */
import type { ConfigSchema } from '@skerry/contract/apps/config-schema'
import type { VersionDetail } from '@skerry/contract/models/model'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import type { DiffEvidence } from '../commands/models/compare/diff-evidence.ts'
import type { Style } from '../program/terminal/style.ts'

export type KindCommandWords = { name: string; summary: string; examples: readonly [string, ...string[]] }

/** A name and its value. `factsOf` omits a fact without a value. */
type Fact = readonly [string, string | number | undefined]

export type VersionDiff = {
  json: object
  text(style: Style): string
}

export type KindRow<Detail extends VersionDetail = VersionDetail> = {
  /** With its article: "pump is a flow". */
  noun: string
  /** The command that shows a name or a version of this kind, without `skerry`. */
  showCommand: string
  /** Commands that list and show this kind. A kind with commands of its own has none here. */
  commands?: { group: string; list: KindCommandWords; show: KindCommandWords }
  /** `flow ls` prints it when the hub has none. */
  none: string
  /** The fact that counts devices: a model serves on them, a flow runs on them. */
  devices: string
  description?(detail: Detail): string | undefined
  /** Facts between the size of a version and its signature. */
  facts?(detail: Detail): readonly Fact[]
  /** A table between the facts and the files. */
  table?(detail: Detail, style: Style): string
  /** The settings that a deployment can choose. */
  settings?(detail: Detail): ConfigSchema | undefined
  /** The inputs of a version that answers requests. A kind without them cannot be used with `skerry infer`. */
  inputs?(detail: Detail): readonly TensorSpec[]
  /** Ends the sentence "pump is a flow, which ..." when somebody sends a request to this kind. */
  noInputs?: string
  /** The sources that a device must have for this version. */
  sources?(detail: Detail): readonly string[]
  /** The differences of two versions. */
  diff?(from: Detail, to: Detail, evidence: DiffEvidence): VersionDiff
}
