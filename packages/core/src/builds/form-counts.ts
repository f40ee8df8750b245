/** Form counts: the number of devices for each form of a version, in words. */
import type { ServedForm } from '@skerry/contract/builds/named-build'
import { buildName } from './build-words.ts'

/** Such as `2 serve build float16 (bld_…), 1 serves version 1 itself`; undefined if no revision has a build. */
export function formsWords(forms: readonly ServedForm[] | undefined): string | undefined {
  if (!forms) return undefined
  if (forms.length === 0) return 'no device serves it'
  return forms.map(formWord).join(', ')
}

function formWord({ version, build, recipe = '', devices }: ServedForm): string {
  const form =
    build === undefined ? `version ${version} itself` : `${buildName({ build, recipe })} of version ${version}`
  return `${devices} ${devices === 1 ? 'serves' : 'serve'} ${form}`
}
