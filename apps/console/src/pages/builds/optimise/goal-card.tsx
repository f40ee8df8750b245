/** Goal card: how near the answers of a build must be, in plain words. */
import { Card } from '../../../components/card.tsx'
import { Field, type FieldControl, INPUT } from '../../../components/fields.tsx'
import { buildTexts } from '../english-builds.ts'
import type { GoalDraft, ReadGoal } from './goal-draft.ts'

const words = buildTexts.optimise

type GoalProps = { draft: GoalDraft; read: ReadGoal; onChange: (draft: GoalDraft) => void }

export function GoalCard({ draft, read: { goal, problems }, onChange }: GoalProps) {
  const changed = goal === undefined ? '' : words.agreementChanged(goal.agreementMin)
  return (
    <Card title={words.goal}>
      <p className="mb-3 text-sm text-soft">{words.goalHint}</p>
      <div className="grid gap-x-6 gap-y-4 sm:grid-cols-2">
        <Field label={words.agreement} hint={words.agreementHint(changed)} error={problems.agreement}>
          {(control) => (
            <NumberInput
              control={control}
              value={draft.agreement}
              onChange={(agreement) => onChange({ ...draft, agreement })}
            />
          )}
        </Field>
        <Field label={words.difference} hint={words.differenceHint} error={problems.difference}>
          {(control) => (
            <NumberInput
              control={control}
              value={draft.difference}
              onChange={(difference) => onChange({ ...draft, difference })}
            />
          )}
        </Field>
        <Field label={words.drop} hint={words.dropHint} error={problems.drop}>
          {(control) => (
            <NumberInput control={control} value={draft.drop ?? ''} onChange={(drop) => onChange({ ...draft, drop })} />
          )}
        </Field>
        <Field label={words.rise} hint={words.riseHint} error={problems.rise}>
          {(control) => (
            <NumberInput control={control} value={draft.rise ?? ''} onChange={(rise) => onChange({ ...draft, rise })} />
          )}
        </Field>
        <Field label={words.size} hint={words.sizeHint} error={problems.size}>
          {(control) => (
            <NumberInput control={control} value={draft.size ?? ''} onChange={(size) => onChange({ ...draft, size })} />
          )}
        </Field>
        <Field label={words.p95} hint={words.p95Hint} error={problems.p95}>
          {(control) => (
            <NumberInput control={control} value={draft.p95 ?? ''} onChange={(p95) => onChange({ ...draft, p95 })} />
          )}
        </Field>
      </div>
    </Card>
  )
}

type InputProps = { control: FieldControl; value: string; onChange: (value: string) => void }

const NumberInput = ({ control, value, onChange }: InputProps) => (
  <input
    {...control}
    className={INPUT}
    inputMode="decimal"
    autoComplete="off"
    value={value}
    onChange={({ target }) => onChange(target.value)}
  />
)
