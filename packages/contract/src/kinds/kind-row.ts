/** A row of the table of deployable kinds: the facts about a kind that hub, agent, CLI and console look up. */
import type * as z from 'zod'
import type { ItemState } from '../devices/item.ts'

export type KindRow = {
  /** The file that a pushed set of files is recognised by. */
  mainFile: string
  /** Other files that a pushed set of files is recognised by, in place of the main file. */
  otherMainFiles?: readonly string[]
  /** A device that does not report this capability is never offered the kind. */
  capability: string
  /** It answers inference requests: routes, playgrounds and latencies exist only then. */
  serves: boolean
  /** It can run beside the serving version, on a copy of the requests. A kind that acts on equipment cannot. */
  mayShadow: boolean
  /** A device replays recorded cases before a version becomes active. */
  hasGoldenCases: boolean
  /** The states that an item can pass on a device, in this order. `failed` can follow each of them. */
  lifecycle: readonly ItemState[]
  /** The part of a desired item that only this kind has. A device drops fields that it does not know. */
  spec: z.ZodObject
  /**
   * The one field of a version's page that only this kind has. The hub finds its value in the pushed files, and stores
   * it.
   */
  detail: Readonly<Record<string, z.ZodType>>
}
