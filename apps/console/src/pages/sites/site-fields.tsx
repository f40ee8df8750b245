/** Site fields: all fields of a site, each with its error. */
import { SiteKind } from '@skerry/contract/sites/site'
import { Clearance } from '@skerry/contract/values/clearance'
import type { ReactNode } from 'react'
import { Field, type FieldControl, INPUT, Select } from '../../components/fields.tsx'
import { texts } from '../../texts/english.ts'
import { CountryInput } from './country-input.tsx'
import { sitePageTexts } from './english-site.ts'
import type { DraftField, SiteDraft } from './site-draft.ts'
import { type Spot, SpotMap } from './spot-map.tsx'

const words = sitePageTexts.site

type SiteFieldsProps = {
  draft: SiteDraft
  problems: Partial<SiteDraft>
  /** The name of a site cannot change, because everything else refers to it. */
  isNew: boolean
  onWrite: (change: Partial<SiteDraft>) => void
}

/** The fields, and the map that fills in two of them. */
export function SiteFields({ draft, problems, isNew, onWrite }: SiteFieldsProps) {
  const text = (field: DraftField, more: { hint?: string } = {}) => (
    <Labelled field={field} problem={problems[field]} hint={more.hint}>
      {(control) => (
        <input
          {...control}
          className={INPUT}
          autoComplete="off"
          spellCheck={false}
          value={draft[field]}
          readOnly={field === 'name' && !isNew}
          onChange={({ target }) => onWrite({ [field]: target.value })}
        />
      )}
    </Labelled>
  )
  const choice = (field: 'kind' | 'clearance', names: Readonly<Record<string, string>>, options: readonly string[]) => (
    <Labelled field={field} problem={problems[field]} hint={field === 'clearance' ? words.hints.clearance : undefined}>
      {(control) => (
        <Select {...control} value={draft[field]} onChange={({ target }) => onWrite({ [field]: target.value })}>
          {options.map((option) => (
            <option key={option} value={option}>
              {names[option]}
            </option>
          ))}
        </Select>
      )}
    </Labelled>
  )
  return (
    <div className="grid gap-x-4 gap-y-3.5 sm:grid-cols-2">
      {text('name', isNew ? { hint: words.hints.name } : {})}
      {choice('kind', texts.sites.kinds, SiteKind.options)}
      <Labelled field="country" problem={problems.country} hint={words.hints.country}>
        {(control) => (
          <CountryInput control={control} value={draft.country} onChange={(country) => onWrite({ country })} />
        )}
      </Labelled>
      {text('region', { hint: words.hints.region })}
      {choice('clearance', words.clearances, Clearance.options)}
      <Labelled field="labels" problem={problems.labels} hint={words.hints.labels}>
        {(control) => (
          <textarea
            {...control}
            rows={2}
            spellCheck={false}
            className={`${INPUT} h-auto py-2 font-mono text-xs`}
            value={draft.labels}
            onChange={({ target }) => onWrite({ labels: target.value })}
          />
        )}
      </Labelled>
      <div className="flex flex-col gap-3.5">
        {text('latitude')}
        {text('longitude')}
      </div>
      <div>
        <SpotMap
          spot={spotOf(draft)}
          country={/^[A-Z]{2}$/.test(draft.country) ? draft.country : undefined}
          onPick={({ latitude, longitude }) => onWrite({ latitude: String(latitude), longitude: String(longitude) })}
        />
        <p className="mt-1.5 text-xs text-soft">{words.hints.map}</p>
      </div>
    </div>
  )
}

function spotOf({ latitude, longitude }: SiteDraft): Spot | undefined {
  const spot = { latitude: Number(latitude), longitude: Number(longitude) }
  const isOnEarth = Math.abs(spot.latitude) <= 90 && Math.abs(spot.longitude) <= 180
  return latitude.trim() !== '' && longitude.trim() !== '' && isOnEarth ? spot : undefined
}

type LabelledProps = {
  field: DraftField
  problem: string | undefined
  hint: string | undefined
  children: (control: FieldControl) => ReactNode
}

const Labelled = ({ field, problem, hint, children }: LabelledProps) => (
  <Field label={words.fields[field]} error={problem} {...(hint !== undefined && { hint })}>
    {children}
  </Field>
)
