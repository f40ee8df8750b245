/** Route dialog: declares a route. Rules that it does not show keep their values. */
import { kinds } from '@skerry/contract/kinds/kinds'
import { Residency } from '@skerry/contract/places/placement'
import { type RouteDetail, RoutePreference, RouteSpec } from '@skerry/contract/routes/route'
import { Clearance } from '@skerry/contract/values/clearance'
import { routeTag } from '@skerry/contract/values/entity-tag'
import { Name } from '@skerry/contract/values/names'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Choice } from '../../components/choice.tsx'
import { SaveDialog } from '../../components/dialogs/save-dialog.tsx'
import { Field, INPUT } from '../../components/fields.tsx'
import { hub } from '../../hub/hub-client.ts'
import { queries } from '../../hub/queries.ts'
import { routesTexts } from './english-routes.ts'
import { routeQueries } from './route-queries.ts'

const words = routesTexts.dialog

type Form = {
  name: string
  model: string
  prefer: RoutePreference
  sites: string
  dataClass: Clearance | ''
  residency: string
  concurrency: string
}

const formOf = (known: RouteDetail | undefined): Form => ({
  name: known?.name ?? '',
  model: known?.spec.model ?? '',
  prefer: known?.spec.prefer ?? 'local',
  sites: known?.spec.sites?.join(', ') ?? '',
  dataClass: known?.spec.dataClass ?? '',
  residency: known?.spec.residency?.join(', ') ?? '',
  concurrency: String(known?.spec.concurrency ?? 64),
})

/** Shown while it is in the page. */
export function RouteDialog({ known, onClose }: { known?: RouteDetail; onClose: () => void }) {
  const client = useQueryClient()
  const [form, setForm] = useState(() => formOf(known))
  const change = (part: Partial<Form>) => setForm((before) => ({ ...before, ...part }))
  const errors = errorsOf(form)
  const save = async () => {
    const condition = known ? { ifMatch: routeTag(known) } : { ifNoneMatch: '*' as const }
    await hub.route.set({ name: form.name, spec: specOf(form, known?.spec) }, { context: condition })
    await client.invalidateQueries({ queryKey: routeQueries.list().queryKey })
    return routesTexts.saved(form.name)
  }
  const text = (name: TextName) => ({ name, form, change, error: form[name] === '' ? undefined : errors[name] })
  return (
    <SaveDialog
      title={known ? words.changeTitle(known.name) : words.createTitle}
      lead={words.lead}
      verb={words.verb}
      blocked={Object.values(errors).find((error) => error !== undefined)}
      run={save}
      onClose={onClose}
    >
      {!known && <TextField {...text('name')} />}
      <ModelField value={form.model} onChange={(model) => change({ model })} />
      <Choice
        label={words.prefer}
        value={form.prefer}
        options={RoutePreference.options.map((prefer) => [prefer, words.prefers[prefer]])}
        onChange={(prefer) => change({ prefer: RoutePreference.parse(prefer) })}
      />
      {form.prefer === 'order' && <TextField {...text('sites')} hint={words.sitesHint} />}
      <Choice
        label={words.dataClass}
        value={form.dataClass}
        options={[['', words.anyClass], ...Clearance.options.map((name) => [name, name] as const)]}
        onChange={(dataClass) => change({ dataClass: Clearance.safeParse(dataClass).data ?? '' })}
      />
      <TextField {...text('residency')} hint={words.residencyHint} />
      <TextField {...text('concurrency')} />
    </SaveDialog>
  )
}

const namesIn = (text: string) =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')

function errorsOf({ name, model, prefer, sites, residency, concurrency }: Form) {
  const isOrder = prefer === 'order'
  const hasSites = namesIn(sites).length > 0 && namesIn(sites).every((site) => Name.safeParse(site).success)
  const isLawful = namesIn(residency).every((country) => Residency.safeParse(country).success)
  const isNumber = RouteSpec.shape.concurrency.safeParse(Number(concurrency)).success
  return {
    name: Name.safeParse(name).success ? undefined : words.nameError,
    model: model === '' ? words.choose : undefined,
    sites: !isOrder || hasSites ? undefined : words.sitesError,
    residency: isLawful ? undefined : words.residencyError,
    concurrency: isNumber ? undefined : words.concurrencyError,
  }
}

/** Fields without a value remove the rule before. */
function specOf({ model, prefer, sites, dataClass, residency, concurrency }: Form, before: RouteSpec | undefined) {
  const { sites: _sites, dataClass: _class, residency: _residency, ...kept } = before ?? {}
  const countries = namesIn(residency)
  return RouteSpec.parse({
    ...kept,
    model,
    prefer,
    ...(prefer === 'order' && { sites: namesIn(sites) }),
    ...(dataClass !== '' && { dataClass }),
    ...(countries.length > 0 && { residency: countries }),
    concurrency: Number(concurrency),
  })
}

type TextName = 'name' | 'sites' | 'residency' | 'concurrency'

type TextFieldProps = {
  name: TextName
  form: Form
  change: (part: Partial<Form>) => void
  hint?: string
  error?: string | undefined
}

const TextField = ({ name, form, change, hint, error }: TextFieldProps) => (
  <Field label={words[name]} hint={hint} error={error}>
    {(control) => (
      <input
        {...control}
        className={INPUT}
        autoComplete="off"
        value={form[name]}
        onChange={({ target }) => change({ [name]: target.value })}
      />
    )}
  </Field>
)

function ModelField({ value, onChange }: { value: string; onChange: (model: string) => void }) {
  const { data: models = [] } = useQuery(queries.models())
  const names = models.filter(({ kind }) => kinds[kind].serves).map(({ name }) => [name, name] as const)
  return <Choice label={words.model} value={value} options={[['', words.choose], ...names]} onChange={onChange} />
}
