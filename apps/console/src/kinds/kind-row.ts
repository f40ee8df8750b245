/**
 * Kind row: the part of the console that differs from one kind of version to another. A kind must have words. A page
 * shows a kind without the other parts with the cards that all versions have: facts, devices, origin, files,
 * deployments and signature. A component is loaded when it is shown, so that no page loads the cards of other kinds.
 */
import type { ConfigSchema } from '@skerry/contract/apps/config-schema'
import type { Model, VersionDetail } from '@skerry/contract/models/model'
import type { LinkProps } from '@tanstack/react-router'
import type { ReactNode } from 'react'

type Fact = readonly [name: string, value: ReactNode]

export type KindRow<Detail extends VersionDetail = VersionDetail> = {
  /** In the list of models. */
  noun: string
  /** The compare page and the playground show it when the kind has no such part. There is a general text. */
  refusal?: string
  /** The hint for a version that runs on no device yet. There is a general text. */
  untried?: string
  /** The page that lists the names of this kind; that of the models if absent. */
  list?: { to: '/apps'; text: string }
  /** The page that uploads another version; without it there is no button. */
  upload?(model: Model): LinkProps
  /** Facts between the size of a version and its signature. */
  facts?(version: Detail): readonly Fact[]
  /** The version page, above its columns. */
  Picture?(props: { version: Detail }): ReactNode
  /** The version page, first card: its interface or its parts. */
  Content?(props: { version: Detail }): ReactNode
  /** The version page, the answers that devices compare. */
  Proof?(props: { version: Detail }): ReactNode
  /** The version page, the things that a device must have. */
  Needs?(props: { version: Detail }): ReactNode
  /** The version page, last card. */
  Makeup?(props: { version: Detail }): ReactNode
  /** The settings that a deployment can choose, for the form of the wizard. */
  settings?(version: Detail): ConfigSchema | undefined
  Compare?(props: { from: Detail; to: Detail }): ReactNode
  Playground?(props: { version: Detail }): ReactNode
  /** The version page, its builds in short; their page; and the forms that make and measure them. A kind has all or none. */
  BuildsCard?(props: { version: Detail }): ReactNode
  Builds?(props: { version: Detail }): ReactNode
  Optimise?(props: { version: Detail }): ReactNode
  Measure?(props: { version: Detail }): ReactNode
}
