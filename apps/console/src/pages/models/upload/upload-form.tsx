/** Upload form: what the version is called, what points to it, and what it was made from. */
import { useQuery } from '@tanstack/react-query'
import { Card } from '../../../components/card.tsx'
import { Field, INPUT } from '../../../components/fields.tsx'
import { queries } from '../../../hub/queries.ts'
import { uploadTexts as words } from './english-upload.ts'
import type { FieldErrors, UploadField, UploadFields } from './upload-fields.ts'

type FormProps = {
  fields: UploadFields
  errors: FieldErrors
  onChange: (change: Partial<UploadFields>) => void
  /** A tolerance means nothing without golden inputs. */
  hasGolden: boolean
}

/** The card about the version. */
export function VersionForm(props: FormProps) {
  return (
    <Card title={words.version}>
      <div className="flex flex-col gap-4">
        <ModelField {...props} />
        <TextField {...props} name="aliases" label={words.aliases} hint={words.aliasesHint} />
        <LinesField {...props} name="labels" label={words.labels} hint={words.labelsHint} />
        {props.hasGolden && (
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField {...props} name="absolute" label={words.absolute} hint={words.toleranceHint} />
            <TextField {...props} name="relative" label={words.relative} />
          </div>
        )}
      </div>
    </Card>
  )
}

/** The card about where it comes from. */
export function LineageForm(props: FormProps) {
  return (
    <Card title={words.lineage}>
      <div className="flex flex-col gap-4">
        <p className="text-xs text-soft">{words.lineageHint}</p>
        <LinesField {...props} name="parents" label={words.parents} hint={words.parentsHint} />
        <div className="grid gap-4 sm:grid-cols-[2fr_1fr]">
          <TextField {...props} name="source" label={words.source} hint={words.sourceHint} />
          <TextField {...props} name="commit" label={words.commit} />
          <TextField {...props} name="dataset" label={words.dataset} />
          <TextField {...props} name="datasetDigest" label={words.datasetDigest} />
        </div>
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField {...props} name="tool" label={words.tool} hint={words.toolHint} />
          <TextField {...props} name="createdBy" label={words.createdBy} />
        </div>
        <LinesField {...props} name="notes" label={words.notes} />
      </div>
    </Card>
  )
}

function ModelField(props: FormProps) {
  const { data: models } = useQuery(queries.models())
  const known = models?.find(({ name }) => name === props.fields.model.trim())
  const hint =
    props.fields.model.trim() === '' || !models
      ? undefined
      : known
        ? words.nameHint.next((known.latestVersion ?? 0) + 1)
        : words.nameHint.new
  return (
    <>
      <TextField {...props} name="model" label={words.name} hint={hint} list="known-models" />
      <datalist id="known-models">
        {models?.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  )
}

type OneField = FormProps & { name: UploadField; label: string; hint?: string | undefined; list?: string }

const TextField = ({ name, label, hint, list, fields, errors, onChange }: OneField) => (
  <Field label={label} hint={hint} error={errors[name]}>
    {(control) => (
      <input
        {...control}
        list={list}
        className={INPUT}
        spellCheck={false}
        autoComplete="off"
        maxLength={1_000}
        value={fields[name]}
        onChange={(event) => onChange({ [name]: event.target.value })}
      />
    )}
  </Field>
)

const LinesField = ({ name, label, hint, fields, errors, onChange }: OneField) => (
  <Field label={label} hint={hint} error={errors[name]}>
    {(control) => (
      <textarea
        {...control}
        rows={2}
        spellCheck={false}
        maxLength={4_000}
        className={`${INPUT} h-auto py-2 ${name === 'notes' ? '' : 'font-mono text-xs'}`}
        value={fields[name]}
        onChange={(event) => onChange({ [name]: event.target.value })}
      />
    )}
  </Field>
)
