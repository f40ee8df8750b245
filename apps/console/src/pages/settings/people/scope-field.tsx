/** Scope field: the scope of a role, as a selector, with its current number of devices. */
import { problemOf } from '@skerry/client/problem'
import { useQuery } from '@tanstack/react-query'
import { Field, INPUT } from '../../../components/fields.tsx'
import { deployQueries } from '../../deploy/deploy-queries.ts'
import { useSettled } from '../../deploy/draft/use-settled.ts'
import { rolesTexts } from './english-roles.ts'

const words = rolesTexts.form

/** The field. The hub checks the whole scope when a person saves it. */
export function ScopeField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const selector = useSettled(value.trim())
  const question = { selector, deployable: undefined, version: 'latest', deployment: undefined, find: undefined }
  const { data, error } = useQuery({ ...deployQueries.preview(question), enabled: selector !== '' })
  const isOpen = selector !== ''
  const counted = data && words.picks(data.picked.count + data.refused.count, data.total)
  return (
    <div className="flex flex-col gap-1">
      <Field label={words.scope} hint={words.scopeHint} error={isOpen && error ? problemOf(error).message : undefined}>
        {(control) => (
          <input
            {...control}
            className={`${INPUT} font-mono text-xs`}
            maxLength={2_000}
            spellCheck={false}
            autoComplete="off"
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
        )}
      </Field>
      {isOpen && !error && (
        <p role="status" className="text-xs">
          <span className="font-medium">{counted ?? words.counting}.</span>{' '}
          <span className="text-soft">{words.scopeNote}</span>
        </p>
      )}
    </div>
  )
}
