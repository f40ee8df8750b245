/** Version field: a version by number, by alias or as the newest, with what it means now. */
import type { Model } from '@skerry/contract/models/model'
import { useQuery } from '@tanstack/react-query'
import { Field, Select } from '../../components/fields.tsx'
import { queries } from '../../hub/queries.ts'
import { deployTexts } from './english-deploy.ts'

const words = deployTexts.fields

type VersionFieldProps = {
  model: Model | undefined
  version: string
  onChange: (version: string) => void
  error: string | undefined
}

/** The choice; empty until a model is chosen. */
export function VersionField({ model, version, onChange, error }: VersionFieldProps) {
  const { data } = useQuery({ ...queries.model(model?.name ?? ''), enabled: model !== undefined })
  const numbers = data?.versions.map((each) => each.version) ?? []
  const meant = model && meaningOf(model, version)
  const isFixed = /^\d/.test(version)
  // A number from an address that is older than those that are listed is a version all the same.
  const isListed = !isFixed || numbers.includes(Number(version))
  return (
    <Field
      label={words.version}
      hint={model && (isFixed ? words.fixedHint : meant !== undefined && words.movingHint(meant))}
      error={error}
    >
      {(control) => (
        <Select
          {...control}
          value={version}
          disabled={model === undefined}
          onChange={(event) => onChange(event.target.value)}
        >
          <option value="latest">{model?.latestVersion ? words.latest(model.latestVersion) : words.version}</option>
          {Object.entries(model?.aliases ?? {}).map(([alias, number]) => (
            <option key={alias} value={`@${alias}`}>
              {words.alias(alias, number)}
            </option>
          ))}
          {!isListed && <option value={version}>{words.number(Number(version))}</option>}
          {numbers.map((number) => (
            <option key={number} value={String(number)}>
              {words.number(number)}
            </option>
          ))}
        </Select>
      )}
    </Field>
  )
}

/** The number that a reference means now; undefined where it means none. */
export function meaningOf({ latestVersion, aliases }: Model, version: string): number | undefined {
  if (version === 'latest') return latestVersion
  return version.startsWith('@') ? aliases[version.slice(1)] : Number(version)
}
