/** Import source: a place from which others pass on models. Each has a row in sources.ts. */
import type { Imported, ImportOptions } from '@skerry/platform/imports/import-host'
import type { Session } from '../../../program/session.ts'

export type ImportSource = {
  name: string
  recognises(place: string): Promise<boolean>
  open(place: string, options: ImportOptions, session: Session): Promise<Imported>
}

/** For sources that lie in a folder of the person: nothing to clean up. */
export const inPlace = {
  forget: async () => undefined,
  [Symbol.asyncDispose]: async () => undefined,
}
