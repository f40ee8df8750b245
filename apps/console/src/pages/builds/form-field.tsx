/** Form field: the form of the version that devices get: the version itself, or one of its builds. */
import { type Build, BuildPreference, Recipe } from '@skerry/contract/builds/build'
import type { Model } from '@skerry/contract/models/model'
import { modelBytesOf } from '@skerry/core/builds/model-bytes'
import { preferenceOf } from '@skerry/core/builds/preference'
import { useQuery } from '@tanstack/react-query'
import { sizeText } from '../../components/charts/amounts.ts'
import { Field, Select } from '../../components/fields.tsx'
import { deployTexts } from '../deploy/english-deploy.ts'
import { meaningOf } from '../deploy/version-field.tsx'
import { nameOfBuild } from './build-forms.ts'
import { buildQueries } from './build-queries.ts'

const words = deployTexts.fields

type FormFieldProps = {
  model: Model | undefined
  version: string
  /** The id of a build, a recipe, or a preference; undefined for the version itself. */
  build: string | undefined
  onChange: (build: string | undefined) => void
  error: string | undefined
}

/** The choice. A version without builds has only one form, so there is nothing to choose. */
export function FormField({ model, version, build, onChange, error }: FormFieldProps) {
  const meant = model && meaningOf(model, version)
  const builds = useQuery({
    ...buildQueries.builds(model?.name ?? '', String(meant ?? '')),
    enabled: meant !== undefined,
  })
  const known = builds.data ?? []
  if (known.length === 0 && build === undefined) return null
  const isLost = build !== undefined && builds.isSuccess && !isKnown(build, known)
  return (
    <div className="md:col-span-2">
      <Field label={words.form} hint={hintOf(build)} error={error ?? (isLost ? words.formLost : undefined)}>
        {(control) => (
          <Select {...control} value={build ?? ''} onChange={({ target }) => onChange(target.value || undefined)}>
            <option value="">{words.formVersion}</option>
            {BuildPreference.options.map((prefer) => (
              <option key={prefer} value={prefer}>
                {words.formPreferred[prefer]}
              </option>
            ))}
            {known.map((each) => (
              <option key={each.id} value={each.id}>
                {words.formBuild(nameOfBuild(each, known), sizeText(modelBytesOf(each.files)))}
              </option>
            ))}
            {build !== undefined && preferenceOf(build) === undefined && !known.some(({ id }) => id === build) && (
              <option value={build}>{Recipe.safeParse(build).success ? words.formRecipe(build) : build}</option>
            )}
          </Select>
        )}
      </Field>
    </div>
  )
}

const isKnown = (build: string, builds: readonly Build[]): boolean =>
  preferenceOf(build) !== undefined || builds.some(({ id, recipe }) => id === build || recipe === build)

function hintOf(build: string | undefined): string {
  if (build === undefined) return words.formVersionHint
  const prefer = preferenceOf(build)
  if (prefer !== undefined) return words.formPreferredHint[prefer]
  return Recipe.safeParse(build).success ? words.formRecipeHint : words.formBuildHint
}
