/**
 * Deployable kinds, one row each. A new kind adds a row here, its rules in core, an inspector on the hub, a driver on
 * the agent and its pages. Nothing else in the product branches on a kind; tidy.test.ts searches for it.
 */
import * as z from 'zod'
import { agentKind } from './agent.ts'
import { appKind } from './app.ts'
import { chatKind } from './chat.ts'
import { dataKind } from './data.ts'
import { flowKind } from './flow.ts'
import { ggufKind } from './gguf.ts'
import { hostedKind } from './hosted.ts'
import type { KindRow } from './kind-row.ts'
import { modelKind } from './model.ts'
import { osKind } from './os.ts'
import { servedKind } from './served.ts'
import { systemKind } from './system.ts'

/** In the order in which a pushed set of files is recognised. */
export const kinds = {
  model: modelKind,
  flow: flowKind,
  app: appKind,
  agent: agentKind,
  os: osKind,
  gguf: ggufKind,
  served: servedKind,
  chat: chatKind,
  data: dataKind,
  system: systemKind,
  hosted: hostedKind,
} as const satisfies Record<string, KindRow>

/** A name belongs to one kind, and all of its versions are of that kind. */
export const VersionKind = z.enum(Object.keys(kinds) as (keyof typeof kinds)[])
export type VersionKind = keyof typeof kinds

/** The part of a desired item that only this kind has. */
export type SpecOf<Kind extends VersionKind> = z.infer<(typeof kinds)[Kind]['spec']>

/** The one field of a version's page that only this kind has. */
export type DetailFieldOf<Kind extends VersionKind> = z.infer<z.ZodObject<(typeof kinds)[Kind]['detail']>>

/** The value of that field: the stored content of a version. */
export type DetailValueOf<Kind extends VersionKind> = {
  [Each in Kind]: DetailFieldOf<Each>[keyof DetailFieldOf<Each>]
}[Kind]

/** Whether this build knows the kind. */
export const isKind = (kind: string): kind is VersionKind => Object.hasOwn(kinds, kind)

/** The kind of a set of files; undefined if none is recognised. */
export function kindOf(files: readonly { path: string }[]): VersionKind | undefined {
  const paths = new Set(files.map(({ path }) => path))
  return VersionKind.options.find((kind) => mainFilesOf(kinds[kind]).some((file) => paths.has(file)))
}

/** The files by which a pushed set of files is recognised as of this kind. */
export const mainFilesOf = ({ mainFile, otherMainFiles = [] }: KindRow): string[] => [mainFile, ...otherMainFiles]
