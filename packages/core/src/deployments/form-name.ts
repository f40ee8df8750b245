/** Form name: a version with the recipe of its build, in the words of the CLI and the console. */
import { BEST_BUILD, type Recipe } from '@skerry/contract/builds/build'

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
  return build === BEST_BUILD ? ' best builds' : ''
}
