/** Import source: a place from which others pass on models. Each has a file of its own, and a row in sources.ts. */
import type { Session } from '../../../program/session.ts'

export type ImportOptions = {
  /** The digests that the person knows, by path; '' is the model file itself. */
  digests: ReadonlyMap<string, string>
  /** The value of a bearer token; undefined if none is needed. */
  token: string | undefined
  /** PEM of authorities besides the public ones. */
  authorities: string | undefined
  /** The file of a repository that has several, or the version of a folder of versions. */
  file: string | undefined
}

/** A model file on this computer, with its weights beside it. */
export type Imported = AsyncDisposable & {
  modelPath: string
  /** A name for the model; undefined if only the file name says one. */
  name: string | undefined
  /** The origin in words, for the lineage. */
  notes: string
  uri: string | undefined
  labels: Readonly<Record<string, string>>
  /** Facts of the source that a person should know, such as settings that were not taken. */
  remarks: readonly string[]
  /** Called after the push: a later import of the same source begins anew. */
  forget(): Promise<void>
}

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
