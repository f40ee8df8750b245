/** Proof fields: what proves that it is still the same person, inside the console. */
import { cn } from '../../components/class-names.ts'
import { Field, INPUT } from '../../components/fields.tsx'
import { doorTexts } from '../sign-in/english-door.ts'
import type { Attempt } from '../sign-in/use-attempt.ts'

const words = doorTexts.signIn.code

/** Six digits or a recovery code, beside other fields. */
export const PlainCodeField = ({ value, onChange }: { value: string; onChange: (value: string) => void }) => (
  <Field label={words.label} hint={words.hint}>
    {(control) => (
      <input
        {...control}
        autoComplete="one-time-code"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={16}
        className={cn(INPUT, 'font-mono tracking-widest')}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    )}
  </Field>
)

type SubmitProps = { attempt: Attempt; verb: string; busy: string; isDanger?: boolean }

/** Does it; not while it is being done, nor while it would count for nothing. */
export const SubmitButton = ({ attempt, verb, busy, isDanger }: SubmitProps) => (
  <button
    type="submit"
    disabled={attempt.isBusy || attempt.waitSeconds > 0}
    className={cn(
      'h-8.5 self-start rounded-md px-3 text-sm font-medium disabled:bg-raised disabled:text-faint',
      isDanger ? 'bg-bad text-surface' : 'bg-accent text-on-accent hover:bg-accent-strong',
    )}
  >
    {attempt.isBusy ? busy : verb}
  </button>
)
