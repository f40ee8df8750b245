/**
 * Import host: the process that imports a model from another system: a command line, which has a person and their
 * proxies, or a hub, which may not connect everywhere.
 */
import type { Agent } from 'node:http'

export type ImportOptions = {
  /** The digests that the person knows, by path; '' is the model file itself. */
  digests: ReadonlyMap<string, string>
  /** The value of a bearer token, or `USER:PASSWORD`; undefined if none is needed. */
  token: string | undefined
  /** PEM of authorities besides the public ones. */
  authorities: string | undefined
  /** The address of the server, for places that do not name it themselves. */
  server: string | undefined
  /** The file of a repository that has several, or the version of a folder of versions. */
  file: string | undefined
}

export type ImportHost = {
  signal: AbortSignal
  /** For the waits between attempts. */
  random(): number
  /** The way to the address: through a proxy, or pinned. Throws if the host may not connect there. */
  agentFor(url: URL, authorities: string | undefined): Promise<Agent>
  /** The folder of an import that has not ended yet. The same address has the same folder. */
  folderFor(address: string): Promise<string>
  /** The paths of the weight files that an ONNX file names. */
  weightPaths(modelPath: string): Promise<string[]>
  /** The first document of a YAML text; throws if it is none. */
  parseYaml(text: string): unknown
  /**
   * Unpacks the model files of an archive below a folder, and gives their paths there. Absent if the host opens no
   * archives.
   */
  unpack?(archive: string, folder: string): Promise<string[]>
  progress(label: string, total: number): Disposable & { at(done: number): void }
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

/** A place in a network from which models are imported. */
export type RemoteSource = {
  open(place: string, options: ImportOptions, host: ImportHost): Promise<Imported>
  /** A text that changes when the place has another model; undefined if the server does not state one. */
  revision(place: string, options: ImportOptions, host: ImportHost): Promise<string | undefined>
}
