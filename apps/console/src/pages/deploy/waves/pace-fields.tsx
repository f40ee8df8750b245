/** Pace fields: how quickly it goes out, how many are unproved at once, and how often a device that failed tries. */
import { Card } from '../../../components/card.tsx'
import { Field, INPUT } from '../../../components/fields.tsx'
import { PACE_FIELDS } from '../draft/draft-search.ts'
import { deployTexts } from '../english-deploy.ts'
import type { StepProps } from '../step-props.ts'

const words = deployTexts.pace

/** The fields; empty ones leave it open. */
export const PaceFields = ({ draft, change, read: { problems } }: StepProps) => (
  <Card title={words.title}>
    <div className="grid gap-x-6 gap-y-4 lg:grid-cols-3">
      {PACE_FIELDS.map((key) => (
        <Field key={key} label={words.fields[key][0]} hint={words.fields[key][1]} error={problems[key]}>
          {(control) => (
            <input
              {...control}
              className={INPUT}
              placeholder={words.usual[key]}
              spellCheck={false}
              autoComplete="off"
              value={draft[key] ?? ''}
              onChange={(event) => change({ [key]: event.target.value || undefined })}
            />
          )}
        </Field>
      ))}
    </div>
  </Card>
)
