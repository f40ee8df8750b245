/** Production field: the devices of a rule as a selector, with their current number. */
import { problemOf } from '@skerry/client/problem'
import { useQuery } from '@tanstack/react-query'
import { Field, INPUT } from '../../components/fields.tsx'
import { deployQueries } from '../deploy/deploy-queries.ts'
import { useSettled } from '../deploy/draft/use-settled.ts'
import { approvalRuleTexts as words } from './english-rules.ts'

type ProductionFieldProps = { label: string; hint: string; value: string; onChange: (value: string) => void }

/** The field. The hub checks the selector when a person saves it. */
export function ProductionField({ label, hint, value, onChange }: ProductionFieldProps) {
  const selector = useSettled(value.trim())
  const isSaid = selector !== ''
  const question = { selector, deployable: undefined, version: 'latest', deployment: undefined, find: undefined }
  const { data, error } = useQuery({ ...deployQueries.preview(question), enabled: isSaid })
  const counted = data ? words.picks(data.picked.count + data.refused.count, data.total) : words.counting
  return (
    <div className="flex flex-col gap-1">
      <Field label={label} hint={hint} error={isSaid && error ? problemOf(error).message : undefined}>
        {(control) => (
          <input
            {...control}
            className={`${INPUT} font-mono text-xs`}
            maxLength={2_000}
            spellCheck={false}
            autoComplete="off"
            value={value}
            onChange={({ target }) => onChange(target.value)}
          />
        )}
      </Field>
      {isSaid && !error && (
        <p role="status" className="text-xs font-medium">
          {counted}
        </p>
      )}
    </div>
  )
}
