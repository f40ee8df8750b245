/** Place fields: the devices that a source or a sink applies to: all devices, those of a site, or one. */
import { useQuery } from '@tanstack/react-query'
import { Field, Select } from '../../components/fields.tsx'
import { queries } from '../../hub/queries.ts'
import { sourcesTexts } from './english-sources.ts'

const words = sourcesTexts.edit
/** The smallest place first: a person rarely means all devices. */
const KINDS = ['device', 'site', 'organisation'] as const

/** One device, and none is chosen yet: a new connection never goes to all devices by itself. */
export const NO_PLACE = 'device:'

/** The reason why a person cannot go on yet; undefined if a place is chosen. */
export const placeMissing = (scope: string): string | undefined => (scope.endsWith(':') ? words.placeFirst : undefined)

export function PlaceFields({ scope, onChange }: { scope: string; onChange: (scope: string) => void }) {
  const [chosen = 'organisation', where = ''] = scope.split(':')
  const kind = KINDS.find((each) => each === chosen) ?? 'organisation'
  const sites = useQuery({ ...queries.sites(), enabled: kind === 'site' })
  const devices = useQuery({ ...queries.devices(undefined), enabled: kind === 'device' })
  const names = (kind === 'site' ? sites.data : devices.data)?.map(({ name }) => name) ?? []
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label={words.for}>
        {(control) => (
          <Select
            {...control}
            value={kind}
            onChange={({ target }) => onChange(target.value === 'organisation' ? target.value : `${target.value}:`)}
          >
            {KINDS.map((each) => (
              <option key={each} value={each}>
                {words.kinds[each]}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {kind !== 'organisation' && (
        <Field label={kind === 'site' ? words.site : words.device}>
          {(control) => (
            <Select {...control} value={where} onChange={({ target }) => onChange(`${kind}:${target.value}`)}>
              <option value="">{words.choose}</option>
              {names.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </Select>
          )}
        </Field>
      )}
    </div>
  )
}
