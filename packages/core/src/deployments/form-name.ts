/** Form name: a version with the recipe of its build, in the words of the CLI and the console. */
import type { BuildPreference, Recipe } from '@skerry/contract/builds/build'
import { preferenceOf } from '../builds/preference.ts'

type Form = {
  deployable: string
  version: number
  /** Undefined for the version itself. */
  recipe?: Recipe | undefined
  /** The build that the spec asks for. */
  build?: string | undefined
}

/** Such as `quality:1`, `quality:1 matmul-4bit`, or `quality:1 best builds` if each class of hardware has its own. */
export const formName = ({ deployable, version, ...form }: Form): string =>
  `${deployable}:${version}${formSuffix(form)}`

/** ` matmul-4bit` after a version; empty for the version itself. */
export function formSuffix({ recipe, build }: Pick<Form, 'recipe' | 'build'>): string {
  if (recipe !== undefined) return ` ${recipe}`
  const prefer = preferenceOf(build)
  return prefer === undefined ? '' : ` ${preferredBuilds[prefer]}`
}

const preferredBuilds: Readonly<Record<BuildPreference, string>> = {
  best: 'best builds',
  smallest: 'smallest builds',
  'least-memory': 'builds of least memory',
  'most-accurate': 'most accurate builds',
}
